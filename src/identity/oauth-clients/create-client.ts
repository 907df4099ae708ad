import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { clientSnapshot } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { HARMLESS_SCOPES } from '../../scopes.ts'
import { toClient } from './client-view.ts'
import { requireAllowed, requireKeeper, type Whose } from './keeper.ts'
import { insertClient, type NewClient } from './queries.ts'
import type { CreateClientInput, CreatedClient } from './schemas.ts'
import { newSecret } from './secret.ts'

const ID_BYTES = 12

/** As many clients of their own may a person have. */
const MOST_OWN = 10

/**
 * Makes a client. The answer is the only place where its secret ever appears.
 *
 * @throws {AppError} `forbidden`; `conflict` when there is one of this id, or there are too many of one's own;
 *   `validation_failed`
 */
export async function createClient(
  ctx: Ctx,
  input: z.output<typeof CreateClientInput>,
  whose: Whose,
): Promise<z.input<typeof CreatedClient>> {
  const owner = requireKeeper(ctx, whose)
  requireAllowed(ctx, whose)
  const client = newClient(ctx, input, owner)
  const hasSecret = /^client_secret/.test(client.authMethod)
  const made = hasSecret ? newSecret(ctx) : null
  const row = { ...client, secretHash: made?.hash ?? null }
  requireCoherent(row)
  // Of one that was deleted a copy may be left.
  await clientSnapshot.invalidate(ctx.services.redis, row.clientId)
  const inserted = await insertClient(ctx, row, MOST_OWN)
  if (inserted === 'taken') throw new AppError('conflict', 'There is a client of this id already.')
  if (inserted === 'too many')
    throw new AppError('conflict', `You have ${MOST_OWN} applications already.`)
  const whole = { ...DEFAULTS, ...row, people: 0 }
  return { ...toClient(whole, ctx.clock.now()), client_secret: made?.secret ?? null }
}

const DEFAULTS = {
  uri: null,
  previousSecretHash: null,
  previousSecretUntil: null,
  jwks: null,
  defaultScopes: null,
  isActive: true,
  registrationTokenHash: null,
  lastUsedAt: null,
}

function newClient(
  ctx: Ctx,
  input: z.output<typeof CreateClientInput>,
  ownerUserId: number | null,
) {
  const now = new Date(ctx.clock.now())
  return {
    clientId: input.client_id ?? toBase64Url(ctx.random.bytes(ID_BYTES)),
    name: input.name,
    uri: input.uri ?? null,
    source: ownerUserId === null ? ('admin' as const) : ('user' as const),
    ownerUserId,
    authMethod: input.auth_method ?? ('client_secret_basic' as const),
    jwks: input.jwks ?? null,
    redirectUris: input.redirect_uris ?? [],
    postLogoutRedirectUris: input.post_logout_redirect_uris ?? [],
    grantTypes: input.grant_types ?? ['authorization_code', 'refresh_token'],
    scopes: input.scopes ?? [...HARMLESS_SCOPES],
    defaultScopes: input.default_scopes ?? null,
    idTokenAlgorithm: input.id_token_algorithm ?? ('RS256' as const),
    // Of what nobody has looked at it is demanded.
    requiresPkce: input.requires_pkce ?? ownerUserId !== null,
    mayIntrospect: input.may_introspect ?? false,
    createdAt: now,
    updatedAt: now,
  }
}

/** @throws {AppError} `validation_failed` for a client that could never do what it is for */
export function requireCoherent(
  client: Pick<NewClient, 'authMethod' | 'jwks' | 'grantTypes' | 'redirectUris' | 'mayIntrospect'>,
): void {
  const problems: { path: string; message: string }[] = []
  if (client.authMethod === 'private_key_jwt' && !client.jwks)
    problems.push({ path: 'jwks', message: 'is needed for private_key_jwt' })
  if (client.grantTypes.includes('authorization_code') && client.redirectUris.length === 0)
    problems.push({ path: 'redirect_uris', message: 'is needed for authorization_code' })
  const isPublic = client.authMethod === 'none'
  if (isPublic && client.grantTypes.includes('client_credentials'))
    problems.push({ path: 'grant_types', message: 'client_credentials needs a secret' })
  if (isPublic && client.mayIntrospect)
    problems.push({ path: 'may_introspect', message: 'needs a secret' })
  if (problems.length === 0) return
  throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
    errors: problems,
  })
}
