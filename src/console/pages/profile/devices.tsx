import { call } from '../../lib/api.ts'
import { ago, moment } from '../../lib/format.ts'
import { outdated, useGet, usePages } from '../../lib/queries.ts'
import { sessionEnded } from '../../lib/session.ts'
import { confirm, Load, More, Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { profileWords } from './words.ts'

/** Where the person is signed in, and the way out of each. */
export function Devices() {
  const t = profileWords()
  const sessions = useGet('/api/auth/sessions')
  const end = useWork(async (id: string) => {
    await call('delete', '/api/auth/sessions/{id}', { path: { id } })
    await outdated('/api/auth/sessions')
  })
  const endAll = useWork(async () => {
    if (
      !(await confirm({ title: `${t.everywhere}?`, body: t.everywhereBody, action: t.everywhere }))
    )
      return
    await call('post', '/api/auth/logout-all', {})
    sessionEnded()
  })
  const failure = end.failure ?? endAll.failure
  return (
    <section class="card stack" aria-labelledby="devices">
      <div class="row between">
        <h2 id="devices">{t.devices}</h2>
        <button type="button" class="button danger small" onClick={() => endAll.start()}>
          {t.everywhere}
        </button>
      </div>
      {failure && <Problem failure={failure} />}
      <Load from={sessions}>
        {(list) => (
          <ul class="stack">
            {list.map((session) => (
              <li key={session.id} class="row between">
                <div class="grow">
                  {session.device}{' '}
                  {session.current && <span class="badge good">{t.thisDevice}</span>}
                  <div class="small muted">
                    {session.ip && `${session.ip} · `}
                    {t.lastSeen(ago(session.last_seen_at))}
                  </div>
                </div>
                {!session.current && (
                  <button type="button" class="button small" onClick={() => end.start(session.id)}>
                    {t.signOut}
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Load>
    </section>
  )
}

/** The person's own part of the audit log. */
export function Events() {
  const t = profileWords()
  const pages = usePages('/api/auth/events', { query: { limit: 8 } })
  return (
    <section class="card stack" aria-labelledby="events">
      <h2 id="events">{t.events}</h2>
      <Load from={pages}>
        {({ pages: read }) => (
          <ul class="stack">
            {read
              .flatMap(({ items }) => items)
              .map((event) => (
                <li key={event.id} class="row between small">
                  <span class="grow break">
                    <code>{event.event}</code>{' '}
                    <span class={event.outcome === 'success' ? 'good' : 'bad'}>
                      {t[event.outcome]}
                    </span>
                  </span>
                  <span class="muted">
                    {event.ip} <time dateTime={event.at}>{moment(event.at)}</time>
                  </span>
                </li>
              ))}
          </ul>
        )}
      </Load>
      <More of={pages} />
    </section>
  )
}
