import { ago } from '../../lib/format.ts'
import { useGet } from '../../lib/queries.ts'
import { Code } from '../../ui/copy.tsx'
import { homeWords } from './words.ts'

const LOOK_EVERY_MS = 3_000

/** For newcomers: the way to the first call, which is seen when it comes. */
export function FirstCall() {
  const t = homeWords()
  const quotas = useGet('/api/quotas').data
  const keys = useGet('/api/api-keys').data
  const stats = useGet('/api/usage/stats', { query: { group_by: 'day' } }).data
  const isNew = stats !== undefined && stats.totals.requests === 0
  const logs = useGet(
    '/api/usage/logs',
    { query: { limit: 1 } },
    { enabled: isNew, every: isNew ? LOOK_EVERY_MS : false },
  ).data
  if (!isNew || !quotas || !keys) return null

  const hasSource = quotas.accounts.shared + quotas.accounts.dedicated > 0 || quotas.ceiling > 0
  const hasKey = keys.length > 0
  const first = logs?.items[0]
  return (
    <section class="card stack" aria-labelledby="first-call">
      <div>
        <h2 id="first-call">{t.start}</h2>
        <p class="muted">{t.startBody}</p>
      </div>
      <ol class="steps">
        <li class={hasSource ? 'done' : ''}>
          <div>
            <h3>{t.step1}</h3>
            {hasSource ? (
              <p class="muted">{t.step1done}</p>
            ) : (
              <a href="/console/accounts">{t.bring}</a>
            )}
          </div>
        </li>
        <li class={hasKey ? 'done' : ''}>
          <div>
            <h3>
              <a href="/console/keys">{t.step2}</a>
            </h3>
          </div>
        </li>
        <li class={first ? 'done' : ''}>
          <div class="stack tight">
            <h3>{t.step3}</h3>
            <p class="muted small">{t.step3body}</p>
            <Code label={t.step3} text={firstCall()} />
          </div>
        </li>
        <li class={first ? 'done' : ''}>
          <div aria-live="polite">
            <h3>{t.step4}</h3>
            {first ? (
              <p>
                {t.step4done(first.model ?? '', ago(first.created_at))}{' '}
                <a href="/console/usage">{t.lookAt}</a>
              </p>
            ) : (
              <p class="muted">{t.step4wait}</p>
            )}
          </div>
        </li>
      </ol>
    </section>
  )
}

function firstCall(): string {
  return `curl -N ${location.origin}/v1/chat/completions \\
  -H "Authorization: Bearer YOUR_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "gemini-3-pro-high", "stream": true,
       "messages": [{"role": "user", "content": "Hello!"}]}'`
}
