import type { ComponentChildren } from 'preact'
import { ago, moment } from '../../lib/format.ts'
import { useGet, usePages } from '../../lib/queries.ts'
import { Empty, Load, More } from '../../ui/feedback.tsx'
import { PoolCard } from '../home/pool-card.tsx'
import { Movements } from '../pool/movements.tsx'
import { adminWords } from './words.ts'

/** Where one person is signed in, and which keys they have. */
export function Access({ id }: { id: number }) {
  const t = adminWords()
  const path = { path: { id } }
  const sessions = useGet('/api/admin/users/{id}/sessions', path)
  const keys = useGet('/api/admin/users/{id}/api-keys', path)
  return (
    <div class="grid pair">
      <Part id="sessions" title={t.sessions}>
        <Load from={sessions}>
          {(list) =>
            list.length === 0 ? (
              <p class="muted">{t.noSessions}</p>
            ) : (
              <ul class="stack tight">
                {list.map((session) => (
                  <li key={session.id}>
                    {session.device}
                    <div class="small muted break">
                      {session.ip && `${session.ip} · `}
                      {t.lastSeen(ago(session.last_seen_at))}
                    </div>
                  </li>
                ))}
              </ul>
            )
          }
        </Load>
      </Part>
      <Part id="keys" title={t.apiKeys}>
        <Load from={keys}>
          {(list) =>
            list.length === 0 ? (
              <p class="muted">{t.noKeys}</p>
            ) : (
              <ul class="stack tight">
                {list.map((key) => (
                  <li key={key.id} class="row between">
                    <div class="grow break">
                      {key.name ?? <span class="muted">{t.unnamed}</span>}
                      <div class="small muted">
                        <span class="mono">{key.key_preview}</span>
                        {' · '}
                        {key.last_used_at ? t.lastUsed(ago(key.last_used_at)) : t.neverUsed}
                        {key.expires_at && ` · ${t.expires(moment(key.expires_at))}`}
                      </div>
                    </div>
                    <span class={`badge ${key.is_active ? 'good' : ''}`}>
                      {key.is_active ? t.works : t.doesNotWork}
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Load>
      </Part>
    </div>
  )
}

/** What one person may draw, how many accounts stand behind it, and every movement. */
export function Pools({ id }: { id: number }) {
  const t = adminWords()
  const path = { path: { id } }
  const quotas = useGet('/api/admin/users/{id}/quotas', path)
  const pages = usePages('/api/admin/users/{id}/ledger', { ...path, query: { limit: 10 } })
  return (
    <section class="stack" aria-labelledby="pools">
      <h2 id="pools">{t.pools}</h2>
      <Load from={quotas}>
        {({ accounts, pools }) => (
          <>
            <p class="muted">
              {t.accounts(accounts.shared, accounts.dedicated)}
              {accounts.held_back > 0 && ` ${t.heldBack(accounts.held_back)}`}
            </p>
            <div class="grid">
              {pools.map((pool) => (
                <PoolCard key={pool.group} pool={pool} isOnly={pools.length === 1} />
              ))}
            </div>
          </>
        )}
      </Load>
      <div class="card flush">
        <Load from={pages}>
          {({ pages: read }) => {
            const entries = read.flatMap(({ items }) => items)
            return entries.length === 0 ? (
              <Empty title={t.noMovement} />
            ) : (
              <Movements entries={entries} />
            )
          }}
        </Load>
      </div>
      <More of={pages} />
    </section>
  )
}

interface PartProps {
  id: string
  title: string
  children: ComponentChildren
}

function Part({ id, title, children }: PartProps) {
  return (
    <section class="card stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}
