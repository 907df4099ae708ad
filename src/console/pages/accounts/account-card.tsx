import { useState } from 'preact/hooks'
import { ago, percent } from '../../lib/format.ts'
import { language } from '../../lib/i18n.ts'
import { Dialog } from '../../ui/feedback.tsx'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { common } from '../../ui/words.ts'
import type { Account } from './account.ts'
import { attempt, remove, rename, toggleLending, toggleStatus } from './changes.ts'
import { accountWords } from './words.ts'

const TONE = { ok: 'good', limited: 'warn', disabled: '', needs_reauthorization: 'bad' } as const
const LOW = 0.2

/** One account: how it is, what it has left, and what can be done with it. */
export function AccountCard({ account, onAgain }: { account: Account; onAgain: () => void }) {
  const t = accountWords()
  const [isRenaming, setRenaming] = useState(false)
  const name = account.name ?? account.cookie_id.slice(0, 8)
  const { state, reasons } = account.health
  return (
    <article class="card stack">
      <div class="stack tight">
        <div class="row between">
          <h2 class="break">{name}</h2>
          <span class={`badge ${TONE[state]}`}>{t.state[state]}</span>
        </div>
        <p class="small muted">
          {account.is_shared === 1 ? t.lent : t.kept}
          {account.held_back && ` · ${t.heldBack}`}
          {account.paid_tier && ` · ${t.paid}`}
          {' · '}
          {account.last_used_at ? t.lastUsed(ago(account.last_used_at)) : t.neverUsed}
        </p>
      </div>
      {language.value === 'en' && state !== 'ok' && reasons.length > 0 && (
        <ul class="note warn small">
          {reasons.map((reason) => (
            <li key={reason.message}>{reason.message}</li>
          ))}
        </ul>
      )}
      {state === 'needs_reauthorization' && (
        <button type="button" class="button primary" onClick={onAgain}>
          {t.again}
        </button>
      )}
      <Quotas account={account} />
      <div class="row">
        <button
          type="button"
          class="button small"
          onClick={() => attempt(() => toggleLending(account))}
        >
          {account.is_shared === 1 ? t.keep : t.lend}
        </button>
        <button type="button" class="button small" onClick={() => setRenaming(true)}>
          {t.rename}
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => attempt(() => toggleStatus(account))}
        >
          {account.status === 1 ? t.switchOff : t.switchOn}
        </button>
        <button
          type="button"
          class="button danger small"
          onClick={() => attempt(() => remove(account, name))}
        >
          {t.remove}
        </button>
      </div>
      {isRenaming && <Rename account={account} name={name} onClose={() => setRenaming(false)} />}
    </article>
  )
}

function Quotas({ account }: { account: Account }) {
  const t = accountWords()
  if (account.quotas.length === 0) return <p class="small muted">{t.noQuotas}</p>
  return (
    <div class="stack tight">
      <h3>{t.quotas}</h3>
      <ul class="stack tight">
        {account.quotas.map(({ model_name, quota, reset_time }) => {
          const left = quota === null ? null : Math.max(0, Math.min(1, quota))
          const tone = left === null || left > LOW ? '' : left > 0 ? 'low' : 'out'
          return (
            <li key={model_name} class="stack tight quota">
              <div class="row between small">
                <span class="break">{model_name}</span>
                <span class="muted number">
                  {left === null ? t.unknown : percent(left)}
                  {left !== null && left < 1 && reset_time && ` · ${t.resets(ago(reset_time))}`}
                </span>
              </div>
              <div class={`meter ${tone}`}>
                <i style={{ width: `${(left ?? 0) * 100}%` }} />
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Rename({
  account,
  name,
  onClose,
}: {
  account: Account
  name: string
  onClose: () => void
}) {
  const t = accountWords()
  const [value, setValue] = useState(name)
  const work = useWork(async () => {
    await rename(account, value)
    onClose()
  })
  return (
    <Dialog title={t.rename} onClose={onClose}>
      <Form work={work} submit={common().save} fields={['name']}>
        <Field
          label={t.name}
          required
          maxLength={100}
          value={value}
          onInput={setValue}
          wrong={work.failure?.fields.name}
        />
      </Form>
    </Dialog>
  )
}
