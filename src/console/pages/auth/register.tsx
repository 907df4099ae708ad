import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { call } from '../../lib/api.ts'
import { safeReturn } from '../../lib/return-to.ts'
import { sessionState, signedIn } from '../../lib/session.ts'
import { Field, Form, useWork } from '../../ui/form.tsx'
import { PasswordField } from '../../ui/password-field.tsx'
import { Alone } from '../../ui/shell.tsx'
import { authWords } from './words.ts'

const TYPING_MS = 400

/** Makes an account and signs in with it. */
export function Register() {
  const t = authWords()
  const { query, route } = useLocation()
  const [username, setUsername] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isMailed, setMailed] = useState(false)
  const state = sessionState.value
  const taken = useTaken(username)
  useEffect(() => {
    if (state === 'signed-in') route(safeReturn(query.return_to ?? null), true)
  }, [state, route, query.return_to])

  const work = useWork(async () => {
    const made = await call(
      'post',
      '/api/auth/register',
      { body: { username, password, ...(email && { email }) } },
      { as: 'public' },
    )
    if (!('id' in made)) return setMailed(true)
    const answer = await call(
      'post',
      '/api/auth/login',
      { query: { useCookies: 'true' }, body: { username, password } },
      { as: 'public' },
    )
    if ('access_token' in answer) signedIn(answer)
    else route('/login')
  })
  if (isMailed)
    return (
      <Alone title={t.checkMail}>
        <p>{t.checkMailBody}</p>
        <a class="button primary block" href="/login">
          {t.signIn}
        </a>
      </Alone>
    )
  const wrong = work.failure?.fields ?? {}
  return (
    <Alone title={t.register}>
      <Form work={work} submit={t.register} isBlock fields={['username', 'email', 'password']}>
        <Field
          label={t.userName}
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          minLength={3}
          maxLength={50}
          value={username}
          onInput={setUsername}
          wrong={wrong.username ?? (taken ? t.taken : undefined)}
          hint={taken === false ? <span class="good">{t.free}</span> : undefined}
        />
        <Field
          label={t.email}
          name="email"
          type="email"
          autocomplete="email"
          value={email}
          onInput={setEmail}
          wrong={wrong.email}
          hint={t.emailWhy}
        />
        <PasswordField
          label={t.password}
          value={password}
          onInput={setPassword}
          owner={{ username, email }}
          wrong={wrong.password}
        />
      </Form>
      <p class="muted">
        {t.haveAccount} <a href={`/login${location.search}`}>{t.signIn}</a>
      </p>
    </Alone>
  )
}

/** Whether somebody has a name; asked when the typing pauses. */
function useTaken(username: string): boolean | undefined {
  const [taken, setTaken] = useState<boolean | undefined>(undefined)
  useEffect(() => {
    setTaken(undefined)
    if (username.length < 3) return
    const aborter = new AbortController()
    const timer = setTimeout(() => {
      call(
        'get',
        '/api/auth/check-username',
        { query: { username } },
        { as: 'public', signal: aborter.signal },
      ).then(
        ({ exists }) => setTaken(exists),
        () => undefined,
      )
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      aborter.abort()
    }
  }, [username])
  return taken
}
