import { texts } from '../../lib/i18n.ts'
import { useGet } from '../../lib/queries.ts'
import { Load } from '../../ui/feedback.tsx'
import { Page } from '../../ui/shell.tsx'
import { FirstCall } from './first-call.tsx'
import { PoolCard } from './pool-card.tsx'
import { OwnAccounts, Today } from './today.tsx'
import { Todo } from './todo.tsx'
import { homeWords } from './words.ts'

const titles = texts({ en: { title: 'Home' }, zh: { title: '首页' } })

/** What one holds, what it was used for, and what needs doing. */
export function Home() {
  const t = homeWords()
  const me = useGet('/api/auth/me').data
  const quotas = useGet('/api/quotas')
  return (
    <Page title={me ? t.hello(me.username) : titles().title}>
      <Todo />
      <FirstCall />
      <Today />
      <section class="stack" aria-labelledby="pools">
        <div>
          <h2 id="pools">{t.pools}</h2>
          <p class="muted small">{t.poolsWhy}</p>
        </div>
        <Load from={quotas}>
          {({ pools }) =>
            pools.every(({ balance, ceiling }) => balance === 0 && ceiling === 0) ? (
              <div class="card">
                <h3>{t.noPool}</h3>
                <p class="muted">{t.noPoolBody}</p>
                <p>
                  <a href="/console/accounts">{t.bring}</a>
                </p>
              </div>
            ) : (
              <div class="grid">
                {pools.map((pool) => (
                  <PoolCard key={pool.group} pool={pool} isOnly={pools.length === 1} />
                ))}
              </div>
            )
          }
        </Load>
      </section>
      <OwnAccounts />
    </Page>
  )
}
