import type { Answer } from '../../lib/api.ts'
import { compact, count, day } from '../../lib/format.ts'
import { useGet } from '../../lib/queries.ts'
import { Load } from '../../ui/feedback.tsx'
import { homeWords } from './words.ts'

type Stats = Answer<'/api/usage/stats', 'get'>

/** What was used today and in the last 30 days. */
export function Today() {
  const t = homeWords()
  const stats = useGet('/api/usage/stats', { query: { group_by: 'day' } })
  return (
    <section class="card stack" aria-label={t.month}>
      <Load from={stats}>{(data) => <Figures stats={data} />}</Load>
    </section>
  )
}

function Figures({ stats }: { stats: Stats }) {
  const t = homeWords()
  const { totals, rows, to } = stats
  const today = rows.find(({ day }) => day === to)
  return (
    <div class="grid figures">
      <dl class="figure">
        <dt>{t.today}</dt>
        <dd>{count(today?.requests ?? 0)}</dd>
        <dd>{t.tokensOf(compact(today?.total_tokens ?? 0))}</dd>
      </dl>
      <dl class="figure">
        <dt>{t.month}</dt>
        <dd>{count(totals.requests)}</dd>
        <dd>
          {t.tokensOf(compact(totals.total_tokens))}
          {totals.errors > 0 && <> · {t.errors(count(totals.errors))}</>}
        </dd>
      </dl>
      <div class="stack tight">
        <Bars stats={stats} />
        <div class="row between small">
          <span class="muted">{t.perDay}</span>
          <a href="/console/usage">{t.toUsage}</a>
        </div>
      </div>
    </div>
  )
}

/** A bar a day; the figures behind it are on the page of usage. */
function Bars({ stats: { rows, from, to } }: { stats: Stats }) {
  const t = homeWords()
  const byDay = new Map(rows.map((row) => [row.day, row.requests]))
  const days = daysBetween(from, to)
  const most = Math.max(1, ...byDay.values())
  return (
    <div class="bars" role="img" aria-label={t.perDay}>
      {days.map((name) => {
        const calls = byDay.get(name) ?? 0
        return (
          <i
            key={name}
            class={calls === 0 ? 'none' : ''}
            title={`${day(name)}: ${count(calls)}`}
            style={{ height: `${(calls / most) * 100}%` }}
          />
        )
      })}
    </div>
  )
}

export function daysBetween(from: string, to: string): string[] {
  const days: string[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

/** How the accounts are that the person has brought, in words. */
export function OwnAccounts() {
  const t = homeWords()
  const accounts = useGet('/api/plugin-api/accounts')
  const quotas = useGet('/api/quotas').data
  // Where no service keeps accounts, or none yet, there is nothing to say about them.
  if (accounts.error && /^plugin_(not_configured|pending)$/.test(accounts.error.code)) return null
  return (
    <section class="stack" aria-labelledby="accounts">
      <h2 id="accounts">{t.accounts}</h2>
      <div class="card">
        <Load from={accounts} lines={1}>
          {({ data }) => {
            const well = data.filter(({ health }) => health.state === 'ok').length
            return (
              <div class="row between">
                <p>
                  {data.length === 0
                    ? t.noAccounts
                    : well === data.length
                      ? t.accountsOk(well)
                      : t.accountsSome(well, data.length)}
                  {quotas && data.length > 0 && (
                    <span class="muted">
                      {' '}
                      {t.lent(quotas.accounts.shared, quotas.accounts.dedicated)}
                      {quotas.accounts.held_back > 0 && (
                        <> {t.heldBack(quotas.accounts.held_back)}</>
                      )}
                    </span>
                  )}
                </p>
                <a href="/console/accounts">{data.length === 0 ? t.bring : t.toAccounts}</a>
              </div>
            )
          }}
        </Load>
      </div>
    </section>
  )
}
