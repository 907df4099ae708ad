import type { Context } from 'hono'
import type * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import { AppError } from '../../errors.ts'
import { completeLogin, deliverTokens, type TransportQuery } from '../sessions/index.ts'
import type { FinishedFlow } from './finish-flow.ts'

type Transport = z.output<typeof TransportQuery>['useCookies']

/**
 * What a client gets that speaks JSON: a session, what is needed for the second factor, or the news
 * that an identity was added.
 */
export async function handOver(
  c: Context<AppEnv>,
  provider: string,
  { user, isLinked }: FinishedFlow,
  transport?: Transport,
  target?: string,
) {
  c.header('cache-control', 'no-store')
  if (isLinked) return { linked: true as const, provider, user_id: user.id }
  const answer = await completeLogin(c.get('ctx'), { user })
  return 'mfa_token' in answer ? answer : deliverTokens(c, answer, transport, target)
}

/**
 * What a browser gets: the refresh token in a cookie, and a way to the front end, which exchanges it
 * for an access token. No token ever stands in what is sent to a server: what the second factor needs
 * comes behind the `#`, and opens nothing without that factor.
 *
 * @param target already checked
 */
export async function redirectTo(
  c: Context<AppEnv>,
  target: string,
  provider: string,
  finished: FinishedFlow,
): Promise<Response> {
  const answer = await handOver(c, provider, finished, 'true', target)
  if ('linked' in answer) return c.redirect(withParams(target, { linked: provider }), 303)
  if (!('mfa_token' in answer)) return c.redirect(target, 303)
  const fragment = new URLSearchParams({
    mfa_token: answer.mfa_token,
    enrolment_required: String(answer.enrolment_required),
  })
  return c.redirect(`${target.split('#')[0]}#${fragment}`, 303)
}

/**
 * Where a failed sign-in leaves the person: at the front end, with a code for it and words for them.
 * An outage is no answer of this kind.
 *
 * @returns null where the failure has to be answered right here
 */
export function redirectError(
  c: Context<AppEnv>,
  target: string | null,
  error: unknown,
): Response | null {
  if (target === null || !(error instanceof AppError)) return null
  if (error.status >= 500 && error.code !== 'provider_failed') return null
  c.header('cache-control', 'no-store')
  return c.redirect(
    withParams(target, { error: error.code, error_description: error.message }),
    303,
  )
}

/** Appends to the query of an address or a path. */
function withParams(target: string, params: Record<string, string>): string {
  const base = 'https://here.invalid'
  const url = new URL(target, base)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return url.origin === base ? url.href.slice(base.length) : url.href
}
