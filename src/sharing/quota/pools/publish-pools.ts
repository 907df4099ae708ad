import type { Ctx } from '../../../context.ts'
import type { Thing } from '../claims/claims.ts'
import { atTheGate } from '../own/serving.ts'
import { encodeFill } from './pool-copy.ts'
import type { ChangedPool } from './pool-queries.ts'

/** What a pool of a group begins with, for the gate. */
export const templateKey = (userId: number) => `pool:${userId}`

/** A pool as something that is shared out. */
export function poolThing(userId: number, group: string): Thing {
  return {
    key: `pool:${userId}:${group}`,
    templateKey: templateKey(userId),
    capacity: null,
  }
}

/**
 * The thing that a changed pool is, and its copy.
 *
 * @param epoch of before it was read or written
 */
export function thingsOf(
  changed: readonly ChangedPool[],
  epoch: string,
): {
  things: Thing[]
  fills: Map<string, string>
} {
  const pairs = changed.map((pool): [Thing, string] => [
    pool.group === null
      ? { key: templateKey(pool.userId), capacity: null }
      : poolThing(pool.userId, pool.group),
    encodeFill(atTheGate(pool), epoch),
  ])
  return {
    things: pairs.map(([thing]) => thing),
    fills: new Map(pairs.map(([thing, copy]) => [thing.key, copy])),
  }
}

/**
 * Shows the gate how pools stand. Without Redis it goes on with what it knew until this isolate
 * reaches it again: the books are right all the same.
 *
 * @param epoch of before they were read or written
 */
export async function publishPools(
  { services, clock }: Pick<Ctx, 'services' | 'clock'>,
  changed: readonly ChangedPool[],
  epoch: string,
): Promise<void> {
  if (changed.length === 0) return
  const { things, fills } = thingsOf(changed, epoch)
  await services.leases.update(services.redis, things, clock.now(), fills).catch(() => undefined)
}
