import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { type Answer, call } from '../../lib/api.ts'
import { asFailure } from '../../lib/failure.ts'
import { loginPath } from '../../lib/return-to.ts'
import { accessToken, signOut } from '../../lib/session.ts'
import { Problem } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { Alone } from '../../ui/shell.tsx'
import { ScopeList } from './scope-list.tsx'
import { authorizeWords } from './words.ts'

type Step = Answer<'/api/authorizations', 'post'>

/** Where an application's request leads: who asks, for what, and whether the person wants that. */
export function Authorize() {
  const t = authorizeWords()
  const { query, route } = useLocation()
  const { request } = query
  const [step, setStep] = useState<Step | null>(null)
  const ask = useWork(async (decision?: 'approve' | 'deny') => {
    if (!request) return
    const as = await whoAsks()
    const body = { request, ...(decision && { decision }) }
    const next = await call('post', '/api/authorizations', { body }, { as })
    if (next.redirect_to) location.replace(next.redirect_to)
    else if (next.needs === 'sign_in' && as === 'public') route(loginPath(), true)
    else setStep(next)
  })
  const change = useWork(async () => {
    await signOut()
    route(loginPath(), true)
  })
  useEffect(() => {
    void ask.start()
  }, [])

  const failure = ask.failure ?? change.failure
  if (!request || (failure && !step))
    return (
      <Alone title={t.title}>
        {failure ? (
          <Problem failure={failure} />
        ) : (
          <p class="note warn" role="alert">
            {t.cut}
          </p>
        )}
      </Alone>
    )
  // Nothing is shown to whom nothing is asked of.
  if (!step?.client) return null
  if (step.needs === 'sign_in')
    return (
      <Alone title={t.again}>
        <p>{t.wants(step.client.name)}</p>
        <p class="muted">{t.againBody}</p>
        {failure && <Problem failure={failure} />}
        <button type="button" class="button primary block" onClick={() => change.start()}>
          {t.again}
        </button>
      </Alone>
    )
  return (
    <Alone title={t.title}>
      <p>
        <strong>{t.wants(step.client.name)}</strong>
      </p>
      <ScopeList scopes={step.scopes ?? []} source={step.client.source} />
      {step.goes_to && <p class="muted small">{t.goesTo(step.goes_to)}</p>}
      {failure && <Problem failure={failure} />}
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={ask.isBusy}
          onClick={() => ask.start('approve')}
        >
          {t.allow}
        </button>
        <button
          type="button"
          class="button"
          disabled={ask.isBusy}
          onClick={() => ask.start('deny')}
        >
          {t.deny}
        </button>
      </div>
      <p class="muted small">
        {t.as(step.account ?? '')}{' '}
        <button type="button" class="button small" onClick={() => change.start()}>
          {t.other}
        </button>
      </p>
      <p class="muted small">{t.takeBack}</p>
    </Alone>
  )
}

/** As whoever is signed in on this device; nobody is no failure here. */
async function whoAsks(): Promise<'person' | 'public'> {
  try {
    await accessToken()
    return 'person'
  } catch (error) {
    if (asFailure(error).status === 401) return 'public'
    throw error
  }
}
