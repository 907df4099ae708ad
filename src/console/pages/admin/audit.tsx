import { useState } from 'preact/hooks'
import type { Input } from '../../lib/api.ts'
import { exactMoment } from '../../lib/format.ts'
import { usePages } from '../../lib/queries.ts'
import { Empty, Load, More } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

type Query = NonNullable<Input<'/api/admin/audit', 'get'>['query']>
type Outcome = '' | 'success' | 'failure'

/** What people and operators did. */
export function Audit() {
  const t = adminWords()
  const [outcome, setOutcome] = useState<Outcome>('')
  return (
    <Page
      title={t.events}
      intro={t.auditIntro}
      action={
        <Choice
          label={t.outcome}
          isBare
          value={outcome}
          onChange={setOutcome}
          options={[
            ['', t.outcomeAny],
            ['success', t.success],
            ['failure', t.failure],
          ]}
        />
      }
    >
      <AuditList query={outcome === '' ? {} : { outcome }} />
    </Page>
  )
}

export function AuditList({ query }: { query: Query }) {
  const t = adminWords()
  const pages = usePages('/api/admin/audit', { query: { limit: 25, ...query } })
  return (
    <>
      <div class="card flush">
        <Load from={pages} lines={5}>
          {({ pages: read }) => {
            const events = read.flatMap(({ items }) => items)
            if (events.length === 0) return <Empty title={t.nothingYet} />
            return (
              <table class="folds">
                <thead>
                  <tr>
                    {[t.when, t.event, t.outcome, t.who, t.from].map((name) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {events.map((event) => (
                    <tr key={event.id}>
                      <td class="lead nowrap">
                        <time dateTime={event.at}>{exactMoment(event.at)}</time>
                      </td>
                      <td data-label={t.event}>
                        <code class="break">{event.event}</code>
                      </td>
                      <td data-label={t.outcome}>
                        <span class={`badge ${event.outcome === 'success' ? 'good' : 'warn'}`}>
                          {t[event.outcome]}
                        </span>
                      </td>
                      <td data-label={t.who}>
                        {event.user_id === null ? (
                          event.actor_type
                        ) : (
                          <a href={`/console/admin/people/${event.user_id}`}>#{event.user_id}</a>
                        )}
                      </td>
                      <td data-label={t.from} class="mono">
                        {event.ip ?? '–'}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }}
        </Load>
      </div>
      <More of={pages} />
    </>
  )
}
