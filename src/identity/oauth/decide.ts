import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../credentials/oauth/index.ts'
import { AppError, type ErrorCode } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { answerAddress, refusalAddress } from './answer.ts'
import { CODE_SECONDS } from './code.ts'
import { bindTo, makeCode, type SessionActor, withinRole } from './make-code.ts'
import { addConsent, findConsent, noteUse } from './queries.ts'
import { type AuthorizationRequest, openRequest } from './request.ts'
import { resolveClient } from './resolve-client.ts'
import type { Interaction, InteractionInput } from './schemas.ts'

/**
 * What becomes of an authorization request: the page asks as whoever is signed in, and again once they have
 * decided.
 *
 * @returns where the browser goes, or what is needed of the person before
 */
export async function decide(
  ctx: Ctx,
  input: z.output<typeof InteractionInput>,
  issuer: string,
): Promise<z.input<typeof Interaction>> {
  const request = await openRequest(ctx, input.request)
  const { actor } = ctx
  const isSilent = request.prompt.includes('none')
  const isAgreed = input.decision === 'approve' && !isSilent
  const person = actor.type === 'session' && isRecent(actor, request) ? actor : null
  // All that has to be asked is asked together; whoever fails before has nobody who hears the rest.
  const isGoing = person !== null && input.decision !== 'deny'
  const bound = isGoing ? unheard(bindTo(ctx, person, request.clientId)) : undefined
  const agreedTo = isGoing && !isAgreed ? unheard(agreedScopes(ctx, person, request)) : undefined
  const client = await resolveClient(ctx, request.clientId)
  if (!client) throw new AppError('login_expired', 'The application may not ask any more.')
  const refuse = (code: ErrorCode) => ({
    needs: 'nothing' as const,
    redirect_to: refusalAddress(request, issuer, new AppError(code)),
  })
  if (!person) {
    if (isSilent) return refuse('login_required')
    return { needs: 'sign_in', ...shownOf(client, request), account: null }
  }
  const scopes = withinRole(person, request.scopes)
  if (scopes.length === 0) return refuse('invalid_scope')
  if (input.decision === 'deny') {
    recordSoon(ctx, {
      event: 'oauth.denied',
      userId: person.userId,
      details: { client_id: client.clientId },
    })
    return refuse('access_denied')
  }
  if (isAgreed) {
    const { clientId, name: clientName } = client
    await addConsent(ctx, { userId: person.userId, clientId, clientName, scopes })
  } else if (!includesAll(await agreedTo, scopes)) {
    await bound
    if (isSilent) return refuse('consent_required')
    return {
      needs: 'consent',
      ...shownOf(client, { ...request, scopes }),
      account: person.username,
    }
  }
  ctx.waitUntil(
    noteUse(ctx.services.db, client.clientId, new Date(ctx.clock.now())).catch(() => undefined),
  )
  const { resources, askedRedirectUri, codeChallenge, nonce } = request
  const agreed = { scopes, resources, askedRedirectUri, codeChallenge, nonce }
  const code = await makeCode(ctx, person, client, agreed, CODE_SECONDS, bound)
  return { needs: 'nothing', redirect_to: answerAddress(request, issuer, { code }) }
}

/** OpenID Connect Core §3.1.2.1: `prompt=login` and `max_age` want a proof of who it is that is new enough. */
function isRecent({ authenticatedAt }: SessionActor, request: AuthorizationRequest): boolean {
  const { prompt, maxAge, askedAt } = request
  if (prompt.includes('login') && authenticatedAt < askedAt) return false
  return maxAge === null || authenticatedAt >= askedAt - maxAge * 1000
}

/** What a person has agreed to before: they are asked once for each scope, and whenever the application wants it. */
async function agreedScopes(
  ctx: Ctx,
  { userId }: SessionActor,
  { prompt, clientId }: AuthorizationRequest,
): Promise<string[]> {
  if (prompt.includes('consent') || prompt.includes('select_account')) return []
  return (await findConsent(ctx.services.db, userId, clientId))?.scopes ?? []
}

const includesAll = (all: readonly string[] = [], some: readonly string[]) =>
  some.every((one) => all.includes(one))

function unheard<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  return promise
}

function shownOf(
  client: OAuthClient,
  { scopes, redirectUri }: Pick<AuthorizationRequest, 'scopes' | 'redirectUri'>,
) {
  return {
    client: { id: client.clientId, name: client.name, uri: client.uri, source: client.source },
    scopes,
    goes_to: hostOf(redirectUri),
  }
}

/** Of an app on the person's own device its scheme is all there is. */
function hostOf(address: string): string {
  const { host, protocol } = new URL(address)
  return host || protocol
}
