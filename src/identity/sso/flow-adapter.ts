import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import { AppError } from '../../errors.ts'
import { isSameSite } from '../../platform/http/site.ts'
import type { TransportQuery } from '../sessions/index.ts'
import { type BegunFlow, beginFlow, type Linking } from './begin-flow.ts'
import { isFromBrowser } from './binding.ts'
import { endFlow, finishFlow } from './finish-flow.ts'
import { setFlowCookie, takeProof } from './flow-cookie.ts'
import { handOver, redirectError, redirectTo } from './hand-over.ts'
import type { CallbackInput, CallbackQuery } from './schemas.ts'

/** The translation between HTTP and the flow, for all of its addresses. */

interface Beginning {
  return_to?: string | undefined
  code_challenge?: string | undefined
}

/** Begins a flow and leaves its cookie with the browser. */
export async function begin(
  c: Context<AppEnv>,
  provider: string,
  input: Beginning,
  linkUser: Linking | null = null,
): Promise<BegunFlow> {
  const flow = await beginFlow(c.get('ctx'), {
    provider,
    returnTo: input.return_to,
    codeChallenge: input.code_challenge,
    isFromBrowser: isFromBrowser((header) => c.req.header(header)),
    ownOrigin: new URL(c.req.url).origin,
    linkUser,
  })
  setFlowCookie(c, flow.state, flow.cookie)
  c.header('cache-control', 'no-store')
  return flow
}

/**
 * As `begin`, for clients that speak JSON.
 *
 * @throws {AppError} `invalid_request` for a page on another site that could not finish
 */
export async function beginAsJson(c: Context<AppEnv>, provider: string, input: Beginning) {
  requireChallenge(c, input)
  const { authorizationUrl, state } = await begin(c, provider, input)
  return { authorization_url: authorizationUrl, state }
}

/** As `begin`, for a browser: it goes on to the provider, or with an error to the front end. */
export async function beginByRedirect(
  c: Context<AppEnv>,
  provider: string,
  input: Pick<Beginning, 'return_to'>,
): Promise<Response> {
  try {
    const { authorizationUrl } = await begin(c, provider, input)
    return c.redirect(authorizationUrl, 303)
  } catch (error) {
    const redirect = redirectError(c, frontEnd(c), error)
    if (redirect) return redirect
    throw error
  }
}

/** Ends a flow that the front end brings the code of. */
export async function finishAsJson(
  c: Context<AppEnv>,
  provider: string,
  input: z.output<typeof CallbackInput>,
  transport: z.output<typeof TransportQuery>['useCookies'],
) {
  const ctx = c.get('ctx')
  const proof = takeProof(c, input.state, {
    isNavigation: false,
    codeVerifier: input.code_verifier ?? null,
  })
  const flow = await endFlow(ctx, provider, input.state, proof)
  const { code, state, iss } = input
  const finished = await finishFlow(ctx, flow, { code, state, iss, error: undefined })
  return handOver(c, flow.provider, finished, transport)
}

/**
 * Ends a flow whose code the browser itself brings, sent by the provider. People go on to the front
 * end, be it with an error; clients that ask for JSON get JSON.
 */
export async function finishByRedirect(
  c: Context<AppEnv>,
  provider: string,
  answer: z.output<typeof CallbackQuery>,
) {
  const ctx = c.get('ctx')
  let target = frontEnd(c)
  try {
    const proof = takeProof(c, answer.state, { isNavigation: true, codeVerifier: null })
    const flow = await endFlow(ctx, provider, answer.state, proof)
    if (wantsPage(c)) target = flow.returnTo ?? target
    const finished = await finishFlow(ctx, flow, {
      code: answer.code,
      state: answer.state,
      error: answer.error,
      iss: answer.iss,
    })
    return target === null
      ? await handOver(c, flow.provider, finished)
      : await redirectTo(c, target, flow.provider, finished)
  } catch (error) {
    const redirect = redirectError(c, target, error)
    if (redirect) return redirect
    throw error
  }
}

/**
 * The cookie that binds a flow to its browser does not come back from a page on another site: it has to
 * keep a secret instead, and hears of it before the person has gone all the way to the provider.
 *
 * @throws {AppError} `invalid_request`
 */
export function requireChallenge(c: Context<AppEnv>, input: Beginning): void {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const own = c.get('ctx').config.PUBLIC_URL ?? c.req.url
  const isFar =
    site === undefined ? origin !== undefined && !isSameSite(origin, own) : site === 'cross-site'
  if (!isFar || input.code_challenge !== undefined) return
  throw new AppError(
    'invalid_request',
    'A page on another site has to send "code_challenge", the S256 of a secret that it keeps, and "code_verifier" with the code at the end. Or let the browser itself go to /oauth/{provider}/login?return_to=….',
    { param: 'code_challenge' },
  )
}

/** Where to take a person; null for clients that want JSON, and where no front end is configured. */
function frontEnd(c: Context<AppEnv>): string | null {
  return wantsPage(c) ? (c.get('ctx').config.FRONTEND_URL ?? null) : null
}

function wantsPage(c: Context<AppEnv>): boolean {
  const supports = ['application/json', 'text/html']
  return accepts(c, { header: 'Accept', supports, default: 'application/json' }) === 'text/html'
}
