import type { HonoRequest } from 'hono'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { clientSnapshot } from '../../credentials/oauth/index.ts'
import { CLIENT_AUTH_METHODS, ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { constantTimeEqual, sha256Hex } from '../../platform/crypto/hash.ts'
import { readJson } from '../../platform/http/json-body.ts'
import { storable } from '../../platform/http/storable-text.ts'
import { type ApplicationScope, HARMLESS_SCOPES } from '../../scopes.ts'
import { forgetClientHere, GRANT_TYPES, isRedirectUri } from '../oauth/index.ts'
import {
  type ClientRow,
  changeClient,
  deleteClientRow,
  insertClient,
  type NewClient,
  readClient,
} from './queries.ts'
import { newSecret } from './secret.ts'

const Text = z.string().trim().min(1).max(100)
const Address = z.url({ protocol: /^https?$/ }).max(2_000)
const Uris = z.array(z.string()).max(20)

/** RFC 7591 §2; what we do not know is ignored, and the answer says what was taken. */
const Metadata = z.object({
  redirect_uris: Uris.default([]),
  post_logout_redirect_uris: Uris.default([]),
  client_name: Text.optional(),
  client_uri: Address.optional(),
  token_endpoint_auth_method: z.enum(CLIENT_AUTH_METHODS).default('client_secret_basic'),
  grant_types: z.array(z.string().max(100)).max(20).optional(),
  response_types: z.array(z.string().max(100)).max(5).optional(),
  scope: z.string().max(1_000).optional(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(20) }).optional(),
  id_token_signed_response_alg: z.enum(ID_TOKEN_ALGORITHMS).default('RS256'),
})

/** RFC 7591 §3.2.1. */
export const Registered = z
  .looseObject({ client_id: z.string(), client_secret: z.string().optional() })
  .meta({ id: 'RegisteredOAuthClient' })
type Registered = z.input<typeof Registered>

const ID_BYTES = 12
const TOKEN_BYTES = 32
/** Nobody who has not been looked at acts for itself. */
const POSSIBLE_GRANTS: readonly string[] = GRANT_TYPES.filter(
  (type) => type !== 'client_credentials',
)

/**
 * RFC 7591: an application makes itself known, where the operator allows it.
 *
 * @throws {AppError} `not_found` where they do not; `invalid_token`, `invalid_client_metadata`, `invalid_redirect_uri`
 */
export async function register(ctx: Ctx, req: HonoRequest, issuer: string): Promise<Registered> {
  requireAllowed(ctx, req)
  const fields = await readMetadata(req)
  const now = new Date(ctx.clock.now())
  const hasSecret = /^client_secret/.test(fields.authMethod)
  const made = hasSecret ? newSecret(ctx) : null
  const token = toBase64Url(ctx.random.bytes(TOKEN_BYTES))
  const row: NewClient = {
    ...fields,
    clientId: toBase64Url(ctx.random.bytes(ID_BYTES)),
    source: 'registration',
    secretHash: made?.hash ?? null,
    registrationTokenHash: sha256Hex(token),
    createdAt: now,
    updatedAt: now,
  }
  await insertClient(ctx, row, 0)
  return {
    ...toMetadata(row, issuer),
    ...(made && { client_secret: made.secret, client_secret_expires_at: 0 }),
    registration_access_token: token,
  }
}

/** RFC 7592 §2.1. @throws {AppError} `invalid_token` */
export async function readRegistered(
  ctx: Ctx,
  req: HonoRequest,
  id: string,
  issuer: string,
): Promise<Registered> {
  return toMetadata(await requireOwn(ctx, req, id), issuer)
}

/** RFC 7592 §2.2: all of it is replaced. @throws {AppError} as `register` does */
export async function replaceRegistered(
  ctx: Ctx,
  req: HonoRequest,
  id: string,
  issuer: string,
): Promise<Registered> {
  const row = await requireOwn(ctx, req, id)
  const fields = await readMetadata(req)
  if (fields.authMethod !== row.authMethod)
    throw new AppError('invalid_client_metadata', 'How a client says who it is stays as it is.')
  await clientSnapshot.invalidate(ctx.services.redis, id)
  await changeClient(ctx, id, fields, 'oauth_client.updated')
  forgetClientHere(id)
  return toMetadata({ ...row, ...fields }, issuer)
}

/** RFC 7592 §2.3. @throws {AppError} `invalid_token` */
export async function deleteRegistered(ctx: Ctx, req: HonoRequest, id: string): Promise<void> {
  await requireOwn(ctx, req, id)
  await clientSnapshot.invalidate(ctx.services.redis, id)
  await deleteClientRow(ctx, id)
  forgetClientHere(id)
}

function requireAllowed({ config }: Ctx, req: HonoRequest): void {
  const { OAUTH_REGISTRATION: how, OAUTH_REGISTRATION_TOKEN: token = '' } = config
  if (how === 'off') throw new AppError('not_found', 'Applications are registered by the operator.')
  if (how === 'token' && !constantTimeEqual(sha256Hex(bearerOf(req)), sha256Hex(token)))
    throw new AppError('invalid_token')
}

/** Of a client that is not there nothing else is said than of a wrong token (RFC 7592 §2.1). */
async function requireOwn(ctx: Ctx, req: HonoRequest, id: string): Promise<ClientRow> {
  const row = await readClient(ctx.services.db, id)
  const hash = row?.registrationTokenHash ?? ''
  if (!row || !constantTimeEqual(sha256Hex(bearerOf(req)), hash))
    throw new AppError('invalid_token')
  return row
}

function bearerOf(req: HonoRequest): string {
  return /^bearer +(\S+) *$/i.exec(req.header('authorization') ?? '')?.[1] ?? ''
}

async function readMetadata(req: HonoRequest) {
  const json = readJson(await req.arrayBuffer(), (name) => req.header(name))
  const parsed = storable(Metadata).safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') || 'the body'
    throw new AppError('invalid_client_metadata', `${path}: ${issue?.message}`)
  }
  const given = parsed.data as z.output<typeof Metadata>
  const { redirect_uris: redirectUris, post_logout_redirect_uris: leaving } = given
  if (![...redirectUris, ...leaving].every(isRedirectUri))
    throw new AppError('invalid_redirect_uri', 'An address is not one that may be registered.')
  const grantTypes = (given.grant_types ?? ['authorization_code']).filter((type) =>
    POSSIBLE_GRANTS.includes(type),
  )
  if (grantTypes.length === 0)
    throw new AppError('invalid_client_metadata', 'grant_types: none of them is supported')
  if (grantTypes.includes('authorization_code') && redirectUris.length === 0)
    throw new AppError('invalid_redirect_uri', 'redirect_uris is missing.')
  if (given.response_types && !given.response_types.includes('code'))
    throw new AppError('invalid_client_metadata', 'response_types: only code is supported')
  if (given.token_endpoint_auth_method === 'private_key_jwt' && !given.jwks)
    throw new AppError('invalid_client_metadata', 'jwks is missing.')
  const asked = given.scope?.split(' ') ?? HARMLESS_SCOPES
  const scopes = HARMLESS_SCOPES.filter((scope: ApplicationScope) => asked.includes(scope))
  return {
    name: given.client_name ?? (redirectUris[0] ? new URL(redirectUris[0]).host : 'An application'),
    uri: given.client_uri ?? null,
    authMethod: given.token_endpoint_auth_method,
    redirectUris,
    postLogoutRedirectUris: leaving,
    grantTypes,
    scopes: scopes.length > 0 ? scopes : [...HARMLESS_SCOPES],
    jwks: given.jwks ?? null,
    idTokenAlgorithm: given.id_token_signed_response_alg,
    requiresPkce: true,
  }
}

function toMetadata(row: NewClient, issuer: string): Registered {
  return {
    client_id: row.clientId,
    client_id_issued_at: Math.floor(row.createdAt.getTime() / 1000),
    registration_client_uri: `${issuer}/oauth/register/${row.clientId}`,
    client_name: row.name,
    ...(row.uri && { client_uri: row.uri }),
    redirect_uris: row.redirectUris,
    post_logout_redirect_uris: row.postLogoutRedirectUris,
    grant_types: row.grantTypes,
    response_types: row.grantTypes.includes('authorization_code') ? ['code'] : [],
    token_endpoint_auth_method: row.authMethod,
    scope: row.scopes.join(' '),
    ...(row.jwks && { jwks: row.jwks }),
    id_token_signed_response_alg: row.idTokenAlgorithm,
  }
}
