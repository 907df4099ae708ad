import { useRef, useState } from 'preact/hooks'
import { call } from '../../lib/api.ts'
import { asFailure, type Failure } from '../../lib/failure.ts'
import { units } from '../../lib/format.ts'
import { texts } from '../../lib/i18n.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { Empty, Load, Problem } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { type Message, streamChat } from './stream.ts'

const words = texts({
  en: {
    title: 'Try it',
    intro: 'A chat with any model that you may use. Nothing of it is kept on the server.',
    model: 'Model',
    message: 'Message',
    send: 'Send',
    stop: 'Stop',
    picture: 'Add a picture',
    withPicture: 'A picture goes along.',
    removePicture: 'Leave it out',
    clear: 'Start over',
    you: 'You',
    none: 'Ask something',
    noneBody: 'The answer comes as it is written.',
    noModels: 'There is no model to ask',
    noModelsBody: 'Bring an account, or wait until the pool has something to give.',
    toAccounts: 'To the accounts',
    requestId: 'Request id',
    cost: (n: string) => `${n} units`,
    stopped: 'Stopped.',
    conversation: 'Conversation',
  },
  zh: {
    title: '试一试',
    intro: '与任何您可用的模型对话。服务器不保存任何内容。',
    model: '模型',
    message: '消息',
    send: '发送',
    stop: '停止',
    picture: '添加图片',
    withPicture: '将附上一张图片。',
    removePicture: '不附图片',
    clear: '重新开始',
    you: '您',
    none: '问点什么吧',
    noneBody: '回答会边写边显示。',
    noModels: '没有可用的模型',
    noModelsBody: '请添加账号，或等待共享池恢复。',
    toAccounts: '前往账号页',
    requestId: '请求编号',
    cost: (n) => `${n} 单位`,
    stopped: '已停止。',
    conversation: '对话',
  },
})

const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/gif'
const COST_TRIES = 4
const COST_PAUSE_MS = 700

interface Turn extends Message {
  model?: string
  requestId?: string
  cost?: number | null
  isStopped?: boolean
  failure?: Failure
}

export function Chat() {
  const t = words()
  const models = useGet('/v1/models')
  const nothing = (
    <div class="card">
      <Empty
        title={t.noModels}
        action={
          <a class="button primary" href="/console/accounts">
            {t.toAccounts}
          </a>
        }
      >
        {t.noModelsBody}
      </Empty>
    </div>
  )
  return (
    <Page title={t.title} intro={t.intro}>
      {models.error?.code === 'no_account' ? (
        nothing
      ) : (
        <Load from={models}>
          {(list) => {
            // The same address answers other vendors' clients in their own form.
            const names = 'object' in list ? list.data.map(({ id }) => id) : []
            return names.length === 0 ? nothing : <Talk models={names} />
          }}
        </Load>
      )}
    </Page>
  )
}

function Talk({ models }: { models: string[] }) {
  const t = words()
  const [model, setModel] = useState(models[0] ?? '')
  const [turns, setTurns] = useState<Turn[]>([])
  const [text, setText] = useState('')
  const [picture, setPicture] = useState<string | undefined>(undefined)
  const [running, setRunning] = useState<AbortController | null>(null)
  const last = (edit: (turn: Turn) => Turn) =>
    setTurns((all) => all.map((turn, index) => (index === all.length - 1 ? edit(turn) : turn)))

  const send = async () => {
    if (running || (!text.trim() && !picture)) return
    const asked: Turn = { role: 'user', text, ...(picture && { picture }) }
    const history = [...turns.filter(({ failure, text: said }) => !failure && said), asked]
    const stopper = new AbortController()
    setTurns([...turns, asked, { role: 'assistant', text: '', model }])
    setText('')
    setPicture(undefined)
    setRunning(stopper)
    let requestId = ''
    try {
      await streamChat(model, history, stopper.signal, {
        onRequestId: (id) => {
          requestId = id
          last((turn) => ({ ...turn, requestId: id }))
        },
        onText: (piece) => last((turn) => ({ ...turn, text: turn.text + piece })),
      })
    } catch (error) {
      if (stopper.signal.aborted) last((turn) => ({ ...turn, isStopped: true }))
      else {
        last((turn) => ({ ...turn, failure: asFailure(error) }))
        // What was typed is there for another try, unless something else has been typed since.
        setText((typed) => typed || asked.text)
        setPicture((chosen) => chosen ?? asked.picture)
      }
    } finally {
      setRunning(null)
    }
    void outdated('/api/usage/logs', '/api/usage/stats', '/api/quotas')
    const cost = await costOf(requestId)
    setTurns((all) => all.map((turn) => (turn.requestId === requestId ? { ...turn, cost } : turn)))
  }

  return (
    <>
      <section
        class="card stack"
        aria-label={t.conversation}
        aria-live="polite"
        aria-busy={running !== null}
      >
        {turns.length === 0 ? (
          <Empty title={t.none}>{t.noneBody}</Empty>
        ) : (
          turns.map((turn, index) => <Said key={`${index}`} turn={turn} />)
        )}
      </section>
      <form
        class="card stack"
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
        <div class="field">
          <label for="message">{t.message}</label>
          <textarea
            id="message"
            rows={3}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
              event.preventDefault()
              void send()
            }}
          />
        </div>
        {picture && (
          <div class="row small">
            <img class="thumbnail" src={picture} alt="" width="48" height="48" />
            {t.withPicture}
            <button type="button" class="button quiet small" onClick={() => setPicture(undefined)}>
              {t.removePicture}
            </button>
          </div>
        )}
        <div class="row between">
          <div class="row">
            <Choice
              label={t.model}
              isBare
              value={model}
              onChange={setModel}
              options={models.map((name) => [name, name] as const)}
            />
            <PictureButton label={t.picture} onPicture={setPicture} />
          </div>
          <div class="row">
            {turns.length > 0 && !running && (
              <button type="button" class="button quiet" onClick={() => setTurns([])}>
                {t.clear}
              </button>
            )}
            {running ? (
              <button type="button" class="button" onClick={() => running.abort()}>
                {t.stop}
              </button>
            ) : (
              <button type="submit" class="button primary">
                {t.send}
              </button>
            )}
          </div>
        </div>
      </form>
    </>
  )
}

function Said({ turn }: { turn: Turn }) {
  const t = words()
  return (
    <article class={`said ${turn.role}`}>
      <h2 class="small muted">{turn.role === 'user' ? t.you : turn.model}</h2>
      {turn.picture && <img src={turn.picture} alt="" />}
      <p class="said-text">
        {turn.text}
        {turn.isStopped && <span class="muted"> {t.stopped}</span>}
      </p>
      {turn.failure && <Problem failure={turn.failure} />}
      {turn.requestId && (
        <p class="small muted break">
          {t.requestId} <span class="mono">{turn.requestId}</span>
          {typeof turn.cost === 'number' && ` · ${t.cost(units(turn.cost, 4))}`}
        </p>
      )}
    </article>
  )
}

function PictureButton({ label, onPicture }: { label: string; onPicture: (url: string) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={PICTURE_TYPES}
        aria-label={label}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          if (!file) return
          const reader = new FileReader()
          reader.onload = () => onPicture(String(reader.result))
          reader.readAsDataURL(file)
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}

/** What a call cost, as soon as the books say so; null: not known yet. */
async function costOf(requestId: string): Promise<number | null> {
  if (!requestId) return null
  for (let attempt = 0; attempt < COST_TRIES; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, COST_PAUSE_MS))
    const page = await call('get', '/api/usage/logs', { query: { limit: 10 } }).catch(() => null)
    const found = page?.items.find((item) => item.request_id === requestId)
    if (found && found.quota !== null) return found.quota
  }
  return null
}
