import { ago, count, units } from '../../lib/format.ts'
import { texts } from '../../lib/i18n.ts'
import { useGet } from '../../lib/queries.ts'
import { Load } from '../../ui/feedback.tsx'

const words = texts({
  en: {
    title: 'What everybody’s lent accounts have left',
    model: 'Model',
    left: 'Left',
    accounts: 'Accounts with quota',
    reset: 'Next reset',
    none: 'Nobody lends an account at the moment.',
  },
  zh: {
    title: '所有共享账号的剩余额度',
    model: '模型',
    left: '剩余',
    accounts: '有额度的账号',
    reset: '下次恢复',
    none: '目前没有人共享账号。',
  },
})

/** The pool as a whole, by model; absent where no accounts are kept. */
export function SharedPool() {
  const t = words()
  const pool = useGet('/api/plugin-api/quotas/shared-pool')
  if (pool.error && pool.error.code !== 'service_unavailable') return null
  return (
    <section class="stack" aria-labelledby="shared">
      <h2 id="shared">{t.title}</h2>
      <div class="card flush">
        <Load from={pool}>
          {({ data: { quotas } }) =>
            quotas.length === 0 ? (
              <p class="empty">{t.none}</p>
            ) : (
              <table class="folds">
                <thead>
                  <tr>
                    <th scope="col">{t.model}</th>
                    <th scope="col" class="end">
                      {t.left}
                    </th>
                    <th scope="col" class="end">
                      {t.accounts}
                    </th>
                    <th scope="col" class="end">
                      {t.reset}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {quotas.map((model) => (
                    <tr key={model.model_name}>
                      <td class="lead break">{model.model_name}</td>
                      <td class="end number" data-label={t.left}>
                        {model.total_quota === null ? '–' : units(model.total_quota)}
                      </td>
                      <td class="end number" data-label={t.accounts}>
                        {model.available_cookies === null ? '–' : count(model.available_cookies)}
                      </td>
                      <td class="end number" data-label={t.reset}>
                        {model.earliest_reset_time ? ago(model.earliest_reset_time) : '–'}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )
          }
        </Load>
      </div>
    </section>
  )
}
