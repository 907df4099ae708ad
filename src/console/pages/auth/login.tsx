import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { call } from '../../lib/api.ts'
import { explain, Failure } from '../../lib/failure.ts'
import { useGet } from '../../lib/queries.ts'
import { safeReturn } from '../../lib/return-to.ts'
import { expectSession, renew, sessionState, signedIn } from '../../lib/session.ts'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { Alone } from '../../ui/shell.tsx'
import type { Pending } from './pending.ts'
import { SecondStep } from './second-step.tsx'
import { authWords } from './words.ts'

/** The way in: name and password, a provider, and the second step where one is due. */
export function Login() {
  const t = authWords()
  const { query, route } = useLocation()
  const [pending, setPending] = useState(fromFragment)
  const target = safeReturn(query.return_to ?? null)
  const state = sessionState.value

  useEffect(() => {
    if (state === 'unknown' && !pending) renew(undefined).catch(() => undefined)
  }, [])
  useEffect(() => {
    if (state === 'signed-in') route(target, true)
  }, [state, route, target])

  if (pending) return <SecondStep pending={pending} onAgain={() => setPending(null)} />
  return (
    <Alone title={t.signIn}>
      {query.error && (
        <div class="note bad" role="alert">
          {t.providerFailed}{' '}
          {explain(new Failure(400, query.error, query.error_description ?? query.error))}
        </div>
      )}
      {query.return_to && !query.error && <p class="muted">{t.sessionEnded}</p>}
      <PasswordForm onSecondStep={setPending} />
      <Providers returnTo={query.return_to} />
      <p class="muted">
        {t.noAccount} <a href={`/register${location.search}`}>{t.register}</a>
      </p>
    </Alone>
  )
}

function PasswordForm({ onSecondStep }: { onSecondStep: (pending: Pending) => void }) {
  const t = authWords()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const work = useWork(async () => {
    const answer = await call(
      'post',
      '/api/auth/login',
      { query: { useCookies: 'true' }, body: { username, password } },
      { as: 'public' },
    )
    if ('mfa_token' in answer)
      onSecondStep({ token: answer.mfa_token, mustEnrol: answer.enrolment_required })
    else signedIn(answer)
  })
  return (
    <Form work={work} submit={t.signIn} isBlock>
      <Field
        label={t.name}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        required
        value={username}
        onInput={setUsername}
      />
      <Field
        label={t.password}
        name="password"
        type="password"
        autocomplete="current-password"
        required
        value={password}
        onInput={setPassword}
        hint={<a href="/forgot-password">{t.forgotten}</a>}
      />
    </Form>
  )
}

function Providers({ returnTo }: { returnTo: string | undefined }) {
  const t = authWords()
  const { data } = useGet('/api/auth/oidc/providers', {}, { as: 'public' })
  if (!data || data.providers.length === 0) return null
  // Back to this page, which finds the session, or what the second step needs, and leads on.
  const back = returnTo ? `/login?return_to=${encodeURIComponent(returnTo)}` : '/login'
  return (
    <div class="stack tight">
      <p class="muted small">{t.or}</p>
      {data.providers.map(({ id, name }) => (
        <a
          key={id}
          class="button block"
          href={`/api/oauth/${encodeURIComponent(id)}/login?return_to=${encodeURIComponent(back)}`}
          // A page of the server, not one of ours.
          target="_self"
          onClick={expectSession}
        >
          {t.with(name)}
        </a>
      ))}
    </div>
  )
}

/** A provider's sign-in brings the second step behind the `#`, where no server sees it. */
function fromFragment(): Pending | null {
  const params = new URLSearchParams(location.hash.slice(1))
  const token = params.get('mfa_token')
  if (!token) return null
  history.replaceState(null, '', location.pathname + location.search)
  return { token, mustEnrol: params.get('enrolment_required') === 'true' }
}
