import type { Ctx } from '../../context.ts'
import { ringIdOf } from './kid.ts'
import { listSigningKeys } from './queries.ts'

/** RFC 7517: the public keys by which others can check our access tokens; none for HS256. */
export async function publicKeys(ctx: Ctx): Promise<Record<string, string>[]> {
  const { config, services } = ctx
  const now = ctx.clock.now()
  // So that the set is never empty on a fresh deployment that signs asymmetrically.
  if (config.JWT_ALGORITHM !== 'HS256') await services.keyRing.current(now)
  const rows = await listSigningKeys(services.db, ringIdOf(config.JWT_SECRET_KEY), new Date(now))
  return rows.flatMap(({ id, algorithm, publicJwk }) =>
    publicJwk ? [{ ...publicJwk, kid: id, alg: algorithm, use: 'sig' }] : [],
  )
}
