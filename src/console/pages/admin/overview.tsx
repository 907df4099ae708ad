import { compact, count, milliseconds, units } from '../../lib/format.ts'
import { useGet } from '../../lib/queries.ts'
import { Empty, Load } from '../../ui/feedback.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

/** How the service is, and what everybody used. */
export function Overview() {
  const t = adminWords()
  const health = useGet('/api/health', {}, { as: 'public', every: 30_000, alsoOn: 503 })
  const people = useGet('/api/admin/usage/stats', { query: { group_by: 'user', limit: 10 } })
  return (
    <Page title={t.overview}>
      <section class="card stack" aria-labelledby="health">
        <h2 id="health">{t.health}</h2>
        <Load from={health} lines={1}>
          {({ components }) => (
            <ul class="row">
              {Object.entries(components).map(([name, { status, latency_ms }]) => (
                <li key={name} class="row">
                  <span>{t.parts[name] ?? name}</span>
                  <span
                    class={`badge ${status === 'healthy' ? 'good' : status === 'unhealthy' ? 'bad' : ''}`}
                  >
                    {t[status]}
                    {latency_ms !== null &&
                      status === 'healthy' &&
                      ` · ${milliseconds(latency_ms)}`}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Load>
      </section>
      <section class="stack" aria-labelledby="everybody">
        <h2 id="everybody">{t.everybody}</h2>
        <Load from={people} lines={4}>
          {({ totals, rows }) => (
            <>
              <div class="card grid narrow">
                {[
                  [t.calls, count(totals.requests), t.failedCalls(count(totals.errors))],
                  [t.tokens, compact(totals.total_tokens), ''],
                  [t.units, units(totals.quota), ''],
                  [t.firstByte, milliseconds(totals.time_to_first_byte_ms?.p50), ''],
                ].map(([name, value, more]) => (
                  <dl key={name} class="figure">
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                    {more && <dd>{more}</dd>}
                  </dl>
                ))}
              </div>
              <div class="card flush">
                {rows.length === 0 ? (
                  <Empty title={t.nobodyYet} />
                ) : (
                  <table class="folds">
                    <thead>
                      <tr>
                        <th scope="col">{t.most}</th>
                        {[t.calls, t.failed, t.tokens, t.units].map((name) => (
                          <th key={name} scope="col" class="end">
                            {name}
                          </th>
                        ))}
                      </tr>
                    </thead>
                    <tbody>
                      {rows.map((row) => (
                        <tr key={row.user_id ?? 0}>
                          <td class="lead">
                            {row.user_id === null || row.user_id === undefined ? (
                              t.deletedPerson
                            ) : (
                              <a href={`/console/admin/people/${row.user_id}`}>{row.username}</a>
                            )}
                          </td>
                          <td class="end number" data-label={t.calls}>
                            {count(row.requests)}
                          </td>
                          <td class="end number" data-label={t.failed}>
                            {count(row.errors)}
                          </td>
                          <td class="end number" data-label={t.tokens}>
                            {compact(row.total_tokens)}
                          </td>
                          <td class="end number" data-label={t.units}>
                            {units(row.quota)}
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                )}
              </div>
            </>
          )}
        </Load>
      </section>
    </Page>
  )
}
