import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { UserRow } from '../accounts/index.ts'
import { generationOf } from '../sessions/index.ts'
import { type FlowProof, isBound } from './binding.ts'
import { prepare, type ReadyProvider } from './discovery.ts'
import { type Flow, flowSecretOwner, takeFlow } from './flow-store.ts'
import { identify, linkIdentity } from './identify.ts'
import { createOAuthClient } from './oauth-client.ts'
import { sealTokens } from './provider-tokens.ts'
import { readProfile } from './read-profile.ts'
import { requireProvider } from './registry.ts'

/** What a provider sends back through the browser (RFC 6749 §4.1.2, RFC 9207). */
export interface AuthorizationAnswer {
  state: string | undefined
  code: string | undefined
  error: string | undefined
  iss: string | undefined
}

/** A flow that has been ended and whose proof held; it stands for nothing more yet. */
export interface TakenFlow extends Flow {
  state: string
}

/**
 * Ends a flow, once, whatever comes of it: only for the provider that it was begun for, and only
 * where it was begun.
 *
 * @throws {AppError} `login_expired` without saying which of these failed
 */
export async function endFlow(
  ctx: Ctx,
  providerId: string,
  state: string | undefined,
  proof: FlowProof,
): Promise<TakenFlow> {
  const flow = state ? await takeFlow(ctx, state) : null
  const provider = requireProvider(ctx.config, providerId)
  if (!state || !flow || flow.provider !== provider.id || !isBound(flow, proof)) throw expired()
  return { ...flow, state }
}

export interface FinishedFlow {
  user: UserRow
  /** An identity was added to somebody who is signed in already. */
  isLinked: boolean
}

/**
 * Turns the provider's answer into a person.
 *
 * @throws {AppError} `login_denied`, `login_expired`, `provider_failed`, `registration_closed`,
 *   `account_disabled`, `identity_in_use`
 */
export async function finishFlow(
  ctx: Ctx,
  flow: TakenFlow,
  answer: AuthorizationAnswer,
): Promise<FinishedFlow> {
  const provider = requireProvider(ctx.config, flow.provider)
  if (answer.error !== undefined) throw refusedBy(provider.name, answer.error)
  if (!answer.code) throw expired()
  const ready = await prepare(ctx, provider)
  if (isFromOther(ready, answer.iss)) throw expired()

  const tokens = await createOAuthClient(ready).exchangeCode(answer.code, {
    redirectUri: flow.redirectUri,
    codeVerifier:
      flow.verifierCiphertext &&
      (await ctx.services.secretBox.open(flow.verifierCiphertext, flowSecretOwner(flow.state))),
  })
  const profile = await readProfile(ctx, ready, tokens, flow.nonce)
  const sighting = {
    provider: ready.id,
    issuer: ready.issuer,
    profile,
    ...(await sealTokens(ctx, { issuer: ready.issuer, subject: profile.subject }, tokens)),
    now: new Date(ctx.clock.now()),
  }
  const { linkUserId: userId, linkTenure, linkGeneration } = flow
  if (userId === null) return { user: await identify(ctx, sighting), isLinked: false }
  // Whoever began it was signed out everywhere meanwhile, perhaps by the person whom the account belongs to.
  if ((await generationOf(ctx, userId)) !== linkGeneration) throw expired()
  const user = await linkIdentity(ctx, { userId, tenure: linkTenure ?? 0 }, sighting)
  return { user, isLinked: true }
}

/** An answer of another server, sent here (RFC 9207 §2.4). Front ends that pass on a code leave it out. */
function isFromOther(provider: ReadyProvider, issuer: string | undefined): boolean {
  return provider.type === 'oidc' && issuer !== undefined && issuer !== provider.issuer
}

function expired(): AppError {
  return new AppError(
    'login_expired',
    'This sign-in has expired, was used before, or was begun elsewhere. Start again from the login page.',
  )
}

function refusedBy(name: string, error: string): AppError {
  return error === 'access_denied'
    ? new AppError('login_denied', `You have not allowed ${name} to sign you in here.`)
    : new AppError('provider_failed', `${name} could not sign you in. Try again in a moment.`)
}
