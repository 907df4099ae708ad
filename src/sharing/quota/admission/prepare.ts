import { type Ctx, requirePerson } from '../../../context.ts'
import type { ReadBeside } from '../../../credentials/principals/index.ts'
import { readCatalog } from '../../../metering/catalog/index.ts'
import { orOpening } from '../pools/load-pools.ts'
import { type ChangedPool, readPools } from '../pools/pool-queries.ts'

interface PoolsBeside {
  pools: ChangedPool[]
  /** Of before they were read. */
  epoch: string
}

/** What was read beside a request's principal. */
const readBeside = new WeakMap<Ctx, PoolsBeside>()

/**
 * Begins what an admission needs while it is still being found out who asks, so that it costs no
 * round trip of its own.
 *
 * @returns what is to be read with a principal that Redis does not know
 */
export function prepareAdmission(ctx: Ctx): ReadBeside {
  // Whoever needs it hears of a failure.
  readCatalog(ctx).catch(() => undefined)
  let epoch = ''
  return {
    statement(db, userId) {
      epoch = ctx.services.leases.epoch
      return readPools(db, [userId])
    },
    take(result) {
      readBeside.set(ctx, { pools: (result as { rows: ChangedPool[] }).rows, epoch })
    },
  }
}

/** The person's pools, where they have just been read from PostgreSQL. */
export function poolsReadBeside(ctx: Ctx): PoolsBeside | null {
  const read = readBeside.get(ctx)
  if (!read) return null
  const { userId, trustLevel } = requirePerson(ctx)
  return { pools: orOpening(ctx, read.pools, userId, trustLevel), epoch: read.epoch }
}
