import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from 'preact-iso'
import type { Failure } from './lib/failure.ts'
import { asFailure } from './lib/failure.ts'
import { loginPath } from './lib/return-to.ts'
import { renew, sessionState } from './lib/session.ts'
import { Login } from './pages/auth/login.tsx'
import { Home } from './pages/home/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { Confirmation, Loading, Problem, Toasts } from './ui/feedback.tsx'
import { Alone, Shell } from './ui/shell.tsx'
import { StepUp } from './ui/step-up.tsx'
import { common } from './ui/words.ts'

const Register = lazy(() => import('./pages/auth/register.tsx').then((m) => m.Register))
const MailLink = lazy(() => import('./pages/auth/mail-link.tsx').then((m) => m.MailLink))
const Keys = lazy(() => import('./pages/keys/keys.tsx').then((m) => m.Keys))
const Accounts = lazy(() => import('./pages/accounts/accounts.tsx').then((m) => m.Accounts))
const Pool = lazy(() => import('./pages/pool/pool.tsx').then((m) => m.Pool))
const Chat = lazy(() => import('./pages/chat/chat.tsx').then((m) => m.Chat))
const Profile = lazy(() => import('./pages/profile/profile.tsx').then((m) => m.Profile))
const Administration = lazy(() =>
  import('./pages/admin/administration.tsx').then((m) => m.Administration),
)
const Authorize = lazy(() => import('./pages/authorize/authorize.tsx').then((m) => m.Authorize))
const Device = lazy(() => import('./pages/authorize/device.tsx').then((m) => m.Device))
const SignOut = lazy(() => import('./pages/authorize/sign-out.tsx').then((m) => m.SignOut))
const Usage = lazy(() => import('./pages/usage/usage.tsx').then((m) => m.Usage))

/** Paths of the server, to which a link leads as any link does. */
const OWN_PAGES = /^\/(?!api\/)/

/** Everything that people and operators see. */
export function App() {
  return (
    <LocationProvider scope={OWN_PAGES}>
      <Pages />
      <StepUp />
      <Confirmation />
      <Toasts />
    </LocationProvider>
  )
}

function Pages() {
  const { path } = useLocation()
  // Whoever comes from an application may have nothing to see at all.
  const isInside = /^\/console(\/|$)/.test(path) && !/^\/console\/(authorize|sign-out)$/.test(path)
  return isInside ? <Console /> : <Outside />
}

/** The pages of people who are not signed in yet. */
function Outside() {
  return (
    <ErrorBoundary>
      <Router>
        <Route path="/" component={Landing} />
        <Route path="/login" component={Login} />
        <Route path="/register" component={Register} />
        <Route path="/forgot-password" component={MailLink} kind="forgot-password" />
        <Route path="/reset-password" component={MailLink} kind="reset-password" />
        <Route path="/verify-email" component={MailLink} kind="verify-email" />
        <Route path="/confirm-email" component={MailLink} kind="confirm-email" />
        <Route path="/console/authorize" component={Authorize} />
        <Route path="/console/sign-out" component={SignOut} />
        <Route path="/admin" component={ToAdministration} />
        <Route path="/admin/*" component={ToAdministration} />
        <Route default component={NotFound} />
      </Router>
    </ErrorBoundary>
  )
}

/** The pages of those who are signed in. */
function Console() {
  return (
    <SignedIn>
      <Shell>
        <ErrorBoundary>
          <Router>
            <Route path="/console" component={Home} />
            <Route path="/console/keys" component={Keys} />
            <Route path="/console/usage" component={Usage} />
            <Route path="/console/accounts" component={Accounts} />
            <Route path="/console/pool" component={Pool} />
            <Route path="/console/chat" component={Chat} />
            <Route path="/console/device" component={Device} />
            <Route path="/console/profile" component={Profile} />
            <Route path="/console/admin" component={Administration} />
            <Route path="/console/admin/:page" component={Administration} />
            <Route path="/console/admin/:page/:id" component={Administration} />
            <Route default component={NotFound} />
          </Router>
        </ErrorBoundary>
      </Shell>
    </SignedIn>
  )
}

/** Shows what only somebody who is signed in may see; leads others to the sign-in page, and back. */
function SignedIn({ children }: { children: ComponentChildren }) {
  const { route } = useLocation()
  const state = sessionState.value
  const [failure, setFailure] = useState<Failure | null>(null)
  const begin = () => {
    setFailure(null)
    renew(undefined).catch((error) => {
      const failed = asFailure(error)
      if (failed.status !== 401) setFailure(failed)
    })
  }
  useEffect(() => {
    if (state === 'unknown') begin()
  }, [])
  useEffect(() => {
    if (state === 'signed-out') route(loginPath(), true)
  }, [state, route])

  if (state === 'signed-in') return <>{children}</>
  if (!failure) return <Waiting />
  return (
    <Alone title={common().failed}>
      <Problem failure={failure} />
      <button type="button" class="button primary" onClick={begin}>
        {common().retry}
      </button>
    </Alone>
  )
}

function Waiting() {
  return (
    <div class="main">
      <Loading lines={3} />
    </div>
  )
}

function Landing() {
  return <Redirect to="/console" />
}

function ToAdministration() {
  return <Redirect to={`/console${location.pathname}`} />
}

function Redirect({ to }: { to: string }) {
  const { route } = useLocation()
  useEffect(() => route(to, true), [route, to])
  return <Waiting />
}
