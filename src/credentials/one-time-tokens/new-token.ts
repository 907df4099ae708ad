import type { Ctx } from '../../context.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

const TOKEN_BYTES = 32

/** A token of 256 random bits for a mail, and what is kept of it. */
export function newToken(ctx: Pick<Ctx, 'random'>): { token: string; hash: string } {
  const token = toBase64Url(ctx.random.bytes(TOKEN_BYTES))
  return { token, hash: hashToken(token) }
}

export function hashToken(token: string): string {
  return sha256Hex(token)
}
