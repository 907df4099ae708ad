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
  const client = await resolveClient(ctx, request.clientId)
  if (!client) throw new AppError('login_expired', 'The application may not ask any more.')
  const refuse = (code: ErrorCode) => ({
    needs: 'nothing' as const,
    redirect_to: refusalAddress(request, issuer, new AppError(code)),
  })
  const isSilent = request.prompt.includes('none')
  const { actor } = ctx
  if (actor.type !== 'session' || !isRecent(actor, request)) {
    if (isSilent) return refuse('login_required')
    return { needs: 'sign_in', ...shownOf(client, request), account: null }
  }
  const scopes = withinRole(actor, request.scopes)
  if (scopes.length === 0) return refuse('invalid_scope')
  if (input.decision === 'deny') {
    recordSoon(ctx, {
      event: 'oauth.denied',
      userId: actor.userId,
      details: { client_id: client.clientId },
    })
    return refuse('access_denied')
  }
  const isAgreed = input.decision === 'approve' && !isSilent
  const bound = bindTo(ctx, actor, client)
  // Whoever fails before has nobody who hears this.
  bound.catch(() => undefined)
  if (isAgreed) {
    const { clientId, name: clientName } = client
    await addConsent(ctx, { userId: actor.userId, clientId, clientName, scopes })
  } else if (await mustBeAsked(ctx, actor, client, request, scopes)) {
    await bound
    if (isSilent) return refuse('consent_required')
    return { needs: 'consent', ...shownOf(client, { ...request, scopes }), account: actor.username }
  }
  ctx.waitUntil(
    noteUse(ctx.services.db, client.clientId, new Date(ctx.clock.now())).catch(() => undefined),
  )
  const { resources, askedRedirectUri, codeChallenge, nonce } = request
  const agreed = { scopes, resources, askedRedirectUri, codeChallenge, nonce }
  const code = await makeCode(ctx, actor, client, agreed, CODE_SECONDS, bound)
  return { needs: 'nothing', redirect_to: answerAddress(request, issuer, { code }) }
}

/** OpenID Connect Core §3.1.2.1: `prompt=login` and `max_age` want a proof of who it is that is new enough. */
function isRecent({ authenticatedAt }: SessionActor, request: AuthorizationRequest): boolean {
  const { prompt, maxAge, askedAt } = request
  if (prompt.includes('login') && authenticatedAt < askedAt) return false
  return maxAge === null || authenticatedAt >= askedAt - maxAge * 1000
}

/** Asked once for each scope, and whenever the application wants it asked. */
async function mustBeAsked(
  ctx: Ctx,
  actor: SessionActor,
  client: OAuthClient,
  request: AuthorizationRequest,
  scopes: readonly string[],
): Promise<boolean> {
  if (request.prompt.includes('consent') || request.prompt.includes('select_account')) return true
  const consent = await findConsent(ctx.services.db, actor.userId, client.clientId)
  return !consent || !scopes.every((scope) => consent.scopes.includes(scope))
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
