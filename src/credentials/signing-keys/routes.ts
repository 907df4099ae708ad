import * as z from 'zod'
import { JWT_ALGORITHMS } from '../../db/schema/signing-keys.ts'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { publicKeys } from './public-keys.ts'
import type { SigningKeyRow } from './queries.ts'
import { listKeys, rotateNow } from './rotate.ts'

const SigningKey = z
  .object({
    kid: z.string(),
    algorithm: z.enum(JWT_ALGORITHMS),
    signs: z.boolean().describe('Whether new tokens are signed with it.'),
    created_at: z.iso.datetime(),
    retired_at: z.iso.datetime().nullable(),
    verifies_until: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SigningKey' })

const KeySet = z
  .object({ keys: z.array(z.record(z.string(), z.string())) })
  .meta({ id: 'JwkSet', description: 'RFC 7517.' })

const common = administration('signing-keys:manage')

export const signingKeyEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      method: 'get',
      path: '/admin/signing-keys',
      operationId: 'listSigningKeys',
      summary: 'Keys that sign or verify tokens',
      answer: { status: 200, description: 'The keys, newest first.', schema: z.array(SigningKey) },
    },
    async (c) => (await listKeys(c.get('ctx'))).map(toSigningKey),
  ),
  endpoint(
    {
      ...common,
      method: 'post',
      path: '/admin/signing-keys/rotate',
      operationId: 'rotateSigningKey',
      summary: 'Sign with a new key from now on',
      description: 'Tokens that are out stay good until they expire.',
      answer: { status: 200, description: 'The key that signs now.', schema: SigningKey },
      errors: ['conflict'],
    },
    async (c) => toSigningKey(await rotateNow(c.get('ctx'))),
  ),
]

/** Mounted at the root. */
export const keySetEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/.well-known/jwks.json',
      operationId: 'getJwks',
      tag: 'Sign-in',
      summary: 'Public keys of our access tokens',
      description: 'Empty while tokens are signed with HS256.',
      auth: 'public',
      answer: { status: 200, description: 'The key set.', schema: KeySet },
    },
    async (c) => {
      c.header('cache-control', 'public, max-age=60')
      return { keys: await publicKeys(c.get('ctx')) }
    },
  ),
]

function toSigningKey(row: SigningKeyRow): z.input<typeof SigningKey> {
  return {
    kid: row.id,
    algorithm: row.algorithm,
    signs: row.retiredAt === null,
    created_at: row.createdAt.toISOString(),
    retired_at: row.retiredAt?.toISOString() ?? null,
    verifies_until: row.verifiesUntil?.toISOString() ?? null,
  }
}
