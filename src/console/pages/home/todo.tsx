import { call } from '../../lib/api.ts'
import { useGet } from '../../lib/queries.ts'
import { Problem, say } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { homeWords } from './words.ts'

/** What only the person can put right. */
export function Todo() {
  const t = homeWords()
  const me = useGet('/api/auth/me').data
  const accounts = useGet('/api/plugin-api/accounts').data
  const resend = useWork(async () => {
    await call(
      'post',
      '/api/auth/resend-verification',
      { body: { username: me?.username ?? '' } },
      { as: 'public' },
    )
    say(t.sent)
  })
  const broken = (accounts?.data ?? []).filter(
    ({ health }) => health.state === 'needs_reauthorization',
  )
  const isUnconfirmed = me && me.email !== null && !me.is_verified
  if (!isUnconfirmed && broken.length === 0) return null
  return (
    <section class="note warn stack tight" aria-label={t.todo}>
      {isUnconfirmed && (
        <div class="row between">
          <span class="grow">{t.confirmAddress}</span>
          <button type="button" class="button small" onClick={() => resend.start()}>
            {t.resend}
          </button>
        </div>
      )}
      {resend.failure && <Problem failure={resend.failure} />}
      {broken.map(({ cookie_id, name }) => (
        <div key={cookie_id} class="row between">
          <span class="grow">{t.reauthorise(name ?? cookie_id.slice(0, 8))}</span>
          <a href="/console/accounts">{t.toAccounts}</a>
        </div>
      ))}
    </section>
  )
}
