import { EPOCH_KEY } from '../../../platform/epoch.ts'
import type { RedisClient } from '../../../platform/redis.ts'
import { defineScript } from '../../../platform/script.ts'
import { decodeCopy } from '../pools/pool-copy.ts'
import { CLAIM } from './claim-script.ts'
import type { Answer, Change, DroppedFields } from './claims.ts'

const script = defineScript<string[]>(CLAIM)

/** Copies outlive those of the people they belong to, so that whoever knows the person knows the pool. */
const KEY_TTL_MS = 86_400_000

/** Who holds, and for how long. */
export interface Holder {
  /** Names this isolate. */
  holder: string
  claimTtlMs: number
}

/** A change of one thing, and what the isolate believes of it; see `CLAIM`. */
export interface ClaimEntry {
  change: Change
  known: number
  /** The first change under way. */
  floor: number
  sequence: number
  owed: number
}

/**
 * Runs the claim script.
 *
 * @returns its verdict; which entry it names, from 1; the epoch; and what became of each
 * @throws what the Redis client throws
 */
export async function runClaim(
  redis: RedisClient,
  { holder, claimTtlMs }: Holder,
  now: number,
  entries: readonly ClaimEntry[],
  dropped: DroppedFields | null,
): Promise<{ verdict: string; at: number; epoch: string; answers: Answer[] }> {
  const fields = dropped?.fields ?? []
  const keys = entries.flatMap(({ change: { thing } }) => [
    thing.key,
    thing.templateKey ?? thing.key,
  ])
  if (dropped && fields.length > 0) keys.push(dropped.key)
  keys.push(EPOCH_KEY)
  const args = entries.flatMap(({ change, known, floor, sequence, owed }) => [
    ...[known, floor, sequence, owed, change.take, change.slice],
    ...[change.thing.capacity ?? '', change.fill, change.isForced ? 1 : 0],
  ])
  // The name of an isolate and a moment is nobody else's.
  const head = [holder, now, claimTtlMs, KEY_TTL_MS, fields.length, `${holder}:${now}`]
  const [verdict = '', at, epoch = '', ...rest] = await script.run(redis, keys, [
    ...head,
    ...args,
    ...fields,
  ])
  const answers = entries.map((_, index) => ({
    taken: Number(rest[index * 4]),
    free: Number(rest[index * 4 + 1]),
    copy: decodeCopy(rest[index * 4 + 2] ?? ''),
    isOwn: rest[index * 4 + 3] === '1',
  }))
  return { verdict, at: Number(at), epoch, answers }
}
