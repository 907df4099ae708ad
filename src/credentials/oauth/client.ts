import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { CLIENT_AUTH_METHODS, ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { createSnapshot } from '../../platform/snapshot.ts'
import { findClientRow } from './queries.ts'

/** What there is to know of an application that signs people in with us. Times are milliseconds since the epoch. */
export const OAuthClient = z.object({
  clientId: z.string(),
  name: z.string(),
  uri: z.string().nullable(),
  /** `document`: it describes itself where its id leads (client id metadata documents). */
  source: z.enum(['admin', 'user', 'registration', 'document']),
  authMethod: z.enum(CLIENT_AUTH_METHODS),
  secretHash: z.string().nullable(),
  previousSecretHash: z.string().nullable(),
  previousSecretUntil: z.number().nullable(),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  redirectUris: z.array(z.string()),
  postLogoutRedirectUris: z.array(z.string()),
  grantTypes: z.array(z.string()),
  scopes: z.array(z.string()),
  defaultScopes: z.array(z.string()).nullable(),
  idTokenAlgorithm: z.enum(ID_TOKEN_ALGORITHMS),
  requiresPkce: z.boolean(),
  mayIntrospect: z.boolean(),
  isActive: z.boolean(),
})
export type OAuthClient = z.output<typeof OAuthClient>

const SNAPSHOT_SECONDS = 3_600

export const clientSnapshot = createSnapshot('oauth-client', OAuthClient, SNAPSHOT_SECONDS)

/**
 * A registered client as it is now: from Redis, else from PostgreSQL.
 *
 * @returns null: there is none of this id
 */
export async function findClient(
  ctx: Pick<Ctx, 'services' | 'waitUntil'>,
  clientId: string,
): Promise<OAuthClient | null> {
  const { redis } = ctx.services
  const copy = clientSnapshot.parse(await redis.get<string>(clientSnapshot.key(clientId)))
  return copy ?? loadClient(ctx, clientId)
}

/** The same from PostgreSQL; leaves a copy for the gate. */
export async function loadClient(
  ctx: Pick<Ctx, 'services' | 'waitUntil'>,
  clientId: string,
): Promise<OAuthClient | null> {
  const row = await findClientRow(ctx.services.db, clientId)
  if (!row) return null
  const client = OAuthClient.parse({
    ...row,
    previousSecretUntil: row.previousSecretUntil?.getTime() ?? null,
  })
  ctx.waitUntil(clientSnapshot.fill(ctx.services.redis, clientId, client).catch(() => undefined))
  return client
}

/** Names a document elsewhere, as ids of clients do that are registered nowhere. */
export function isDocumentId(clientId: string): boolean {
  return clientId.startsWith('https://') || clientId.startsWith('http://')
}
