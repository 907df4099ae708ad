import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { type Answer, call } from '../../lib/api.ts'
import { texts } from '../../lib/i18n.ts'
import { Problem } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { ScopeList } from './scope-list.tsx'
import { authorizeWords } from './words.ts'

const words = texts({
  en: {
    title: 'Connect a device or program',
    intro: 'Type the code that it shows.',
    code: 'Code',
    next: 'Go on',
    warn: 'Go on only if you began this yourself, on a device of yours, a moment ago.',
    done: 'Done. You can go back to it.',
    denied: 'It was not let in.',
  },
  zh: {
    title: '连接设备或程序',
    intro: '请输入它显示的代码。',
    code: '代码',
    next: '继续',
    warn: '只有在您自己刚刚在自己的设备上发起时才继续。',
    done: '已完成，您可以返回该设备。',
    denied: '已拒绝访问。',
  },
})

type Asked = Answer<'/api/device-authorizations', 'post'>

/** Lets in what has no browser, by the code that it shows (RFC 8628). */
export function Device() {
  const t = words()
  const { query } = useLocation()
  const [code, setCode] = useState(query.user_code ?? '')
  const [asked, setAsked] = useState<Asked | null>(null)
  const [outcome, setOutcome] = useState<'approve' | 'deny' | null>(null)
  const look = useWork(async () => {
    setAsked(await call('post', '/api/device-authorizations', { body: { user_code: code } }))
  })
  const decide = useWork(async (decision: 'approve' | 'deny') => {
    await call('post', '/api/device-authorizations', { body: { user_code: code, decision } })
    setOutcome(decision)
  })
  return (
    <Page title={t.title} intro={t.intro}>
      <section class="card stack">
        {outcome ? (
          <p class={outcome === 'approve' ? 'note good' : 'note'} role="status">
            {outcome === 'approve' ? t.done : t.denied}
          </p>
        ) : asked ? (
          <Decision asked={asked} warning={t.warn} work={decide} />
        ) : (
          <Form work={look} submit={t.next}>
            <Field
              label={t.code}
              name="user_code"
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              required
              value={code}
              onInput={setCode}
            />
          </Form>
        )}
      </section>
    </Page>
  )
}

interface DecisionProps {
  asked: Asked
  warning: string
  work: ReturnType<typeof useWork<['approve' | 'deny']>>
}

function Decision({ asked, warning, work }: DecisionProps) {
  const t = authorizeWords()
  return (
    <>
      <p>
        <strong>{t.wants(asked.client.name)}</strong>
      </p>
      <p class="note warn">{warning}</p>
      <ScopeList scopes={asked.scopes} source={asked.client.source} />
      {work.failure && <Problem failure={work.failure} />}
      <div class="row">
        <button type="button" class="button primary" onClick={() => work.start('approve')}>
          {t.allow}
        </button>
        <button type="button" class="button" onClick={() => work.start('deny')}>
          {t.deny}
        </button>
      </div>
    </>
  )
}
