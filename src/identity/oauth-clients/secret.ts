import type { Ctx } from '../../context.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

/** A secret of a client, and the hash by which we know it again. */
export function newSecret(ctx: Pick<Ctx, 'random'>): { secret: string; hash: string } {
  const secret = `sas_${toBase64Url(ctx.random.bytes(32))}`
  return { secret, hash: sha256Hex(secret) }
}
