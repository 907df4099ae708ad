import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Ctx } from '../../context.ts'
import {
  GRANT_FIELDS,
  grantKey,
  readGrant,
  type StoredGrant,
} from '../../credentials/oauth/index.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

/** A refresh token names its grant, and holds a secret: `<grant>.<secret>`. */
const FORM = /^([\w-]{24})\.([\w-]{43})$/

/** @returns the grant that a text claims to be of; null for what is no refresh token of ours */
export function grantOfRefreshToken(token: string): string | null {
  return FORM.exec(token)?.[1] ?? null
}

export function newRefreshToken(ctx: Pick<Ctx, 'random'>, grantId: string): string {
  return `${grantId}.${toBase64Url(ctx.random.bytes(32))}`
}

/**
 * The successor of a refresh token: always the same, so that whoever loses the answer and asks again gets it
 * again, and nothing secret has to be kept for that. Nobody but us can tell it from the token.
 */
export function nextRefreshToken(ctx: Pick<Ctx, 'config'>, grantId: string, token: string): string {
  const key = utf8ToBytes(`shared-accounts refresh ${ctx.config.JWT_SECRET_KEY}`)
  return `${grantId}.${toBase64Url(hmac(sha256, key, utf8ToBytes(token)))}`
}

/** What stands behind a refresh token that is the current one of its grant. */
export async function readRefreshToken(ctx: Pick<Ctx, 'services'>, token: string) {
  const grantId = grantOfRefreshToken(token)
  const grant = grantId === null ? null : await findGrant(ctx, grantId)
  if (grantId === null || grant?.refreshHash !== sha256Hex(token)) return null
  return { grant, id: { grantId, userId: grant.userId } }
}

/** A grant as it lies in Redis, whether or not it still counts. */
export async function findGrant(ctx: Pick<Ctx, 'services'>, grantId: string) {
  const { redis } = ctx.services
  // The client's types expect an object, which it makes only of what it parses.
  return readGrant(
    (await redis.hmget(grantKey(grantId), ...GRANT_FIELDS)) as unknown as StoredGrant,
  )
}
