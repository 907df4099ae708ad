import type { Ctx } from '../../context.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import { prepare } from './discovery.ts'
import { FLOW_SECONDS, flowSecretOwner, rememberFlow } from './flow-store.ts'
import { createOAuthClient } from './oauth-client.ts'
import { requireProvider } from './registry.ts'
import { checkReturnTo } from './return-to.ts'

const SECRET_BYTES = 32

interface BeginInput {
  provider: string
  /** Unchecked. */
  returnTo: string | undefined
  /** S256 challenge of a client without cookies. */
  codeChallenge: string | undefined
  isFromBrowser: boolean
  /** Origin of this server as the browser knows it. */
  ownOrigin: string
  /** Who adds an identity; null for a sign-in. */
  linkUser: Linking | null
}

/** Somebody who adds an identity, and what has to be as it is now when that is done. */
export interface Linking {
  userId: number
  tenure: number
  generation: string
}

export interface BegunFlow {
  authorizationUrl: string
  state: string
  /** For the browser alone: whoever ends the flow must bring it. */
  cookie: string
}

/**
 * Begins a sign-in: remembers it for ten minutes and says where the person goes next.
 *
 * @throws {AppError} `provider_not_configured`, `invalid_request` (return_to), `provider_failed`
 */
export async function beginFlow(ctx: Ctx, input: BeginInput): Promise<BegunFlow> {
  const provider = requireProvider(ctx.config, input.provider)
  const returnTo = input.returnTo === undefined ? null : checkReturnTo(ctx.config, input.returnTo)
  const ready = await prepare(ctx, provider)

  const secret = () => toBase64Url(ctx.random.bytes(SECRET_BYTES))
  const state = secret()
  const cookie = secret()
  const codeVerifier = ready.pkce ? secret() : null
  const nonce = ready.type === 'oidc' ? secret() : null
  const redirectUri =
    ready.redirectUri ?? `${ctx.config.PUBLIC_URL ?? input.ownOrigin}/oauth/${ready.id}/callback`

  await rememberFlow(ctx, state, {
    provider: ready.id,
    redirectUri,
    verifierCiphertext:
      codeVerifier && (await ctx.services.secretBox.seal(codeVerifier, flowSecretOwner(state))),
    nonce,
    returnTo,
    cookieHash: sha256Hex(cookie),
    challenge: input.codeChallenge ?? null,
    isFromBrowser: input.isFromBrowser,
    linkUserId: input.linkUser?.userId ?? null,
    linkTenure: input.linkUser?.tenure ?? null,
    linkGeneration: input.linkUser?.generation ?? null,
    expiresAt: ctx.clock.now() + FLOW_SECONDS * 1000,
  })
  const url = createOAuthClient(ready).authorizationUrl({ redirectUri, state, codeVerifier, nonce })
  return { authorizationUrl: url.href, state, cookie }
}
