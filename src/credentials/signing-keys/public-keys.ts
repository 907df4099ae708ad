import type { Ctx } from '../../context.ts'
import type { JwtAlgorithm } from '../../db/schema/signing-keys.ts'
import { ringIdOf } from './kid.ts'
import { listSigningKeys } from './queries.ts'

/**
 * RFC 7517: the public keys by which others can check our tokens; HS256 has none.
 *
 * @param algorithms for which there has to be one
 */
export async function publicKeys(
  ctx: Ctx,
  algorithms: readonly JwtAlgorithm[] = [ctx.config.JWT_ALGORITHM],
): Promise<Record<string, string>[]> {
  const { config, services } = ctx
  const now = ctx.clock.now()
  // So that the set is never empty on a fresh deployment that signs asymmetrically.
  for (const algorithm of algorithms)
    if (algorithm !== 'HS256') await services.keyRing.current(now, algorithm)
  const rows = await listSigningKeys(services.db, ringIdOf(config.JWT_SECRET_KEY), new Date(now))
  return rows.flatMap(({ id, algorithm, publicJwk }) =>
    publicJwk ? [{ ...publicJwk, kid: id, alg: algorithm, use: 'sig' }] : [],
  )
}
