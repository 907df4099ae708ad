import type { RedisClient } from '../platform/redis.ts'

/** A pool at one moment; amounts in 1/10,000 unit. */
export interface PoolState {
  balance: number
  /** Milliseconds since the epoch. */
  accruedAt: number
  /** Below `RECOVERY_DIVISOR`. */
  remainder: number
  ceiling: number
}

/** What the gate knows of a pool, copied from PostgreSQL. */
export interface PoolCopy extends PoolState {
  version: number
  /** Usable accounts that the owner lends. */
  shared: number
  /** Usable accounts that the owner alone draws from. */
  dedicated: number
}

/** Something that is shared out. */
export interface Thing {
  /** Its hash in Redis. */
  key: string
  /** The hash whose copy counts while it has none of its own. */
  templateKey?: string
  /** How much there is of what comes back when a call is over; null: what is used up, as its copy says. */
  capacity: number | null
}

/** What one call needs of a thing. */
export interface Demand {
  thing: Thing
  amount: number
}

/** What a call has got; given back when it is over, and then 0, so that it is given back once. */
export interface Claim {
  readonly thing: Thing
  amount: number
}

export type Verdict =
  | { type: 'granted'; claims: Claim[] }
  /** `free` may be below zero. */
  | { type: 'refused'; thing: Thing; free: number; copy: PoolCopy | null }
  /** Redis has no copy of it. */
  | { type: 'unknown'; thing: Thing }

/** Fields of a hash that are not needed any more. */
export interface DroppedFields {
  key: string
  fields: readonly string[]
}

/**
 * What this isolate holds of pools and other things that are shared out. Calls are let through from
 * what it holds without asking anybody. Times are milliseconds since the epoch; `fills` are newer
 * copies by key; what asks Redis throws what the Redis client throws.
 */
export interface Leases {
  /**
   * The time since Redis last lost its data, as this isolate last heard of it; '' where it has not. To be
   * asked for before a copy is read, or written, that Redis is to be told of.
   */
  epoch: string
  /** Serves a call from what is held; null when Redis has to be asked. */
  takeHeld(demands: readonly Demand[], now: number): Claim[] | null
  /** Asks Redis for what a call needs, in one round trip. */
  take(
    redis: RedisClient,
    demands: readonly Demand[],
    now: number,
    fills?: ReadonlyMap<string, string>,
  ): Promise<Verdict>
  /**
   * Keeps a copy that came from elsewhere than Redis, unless a newer one is known.
   *
   * @returns the newer one
   */
  learn(thing: Thing, copy: PoolCopy, now: number): PoolCopy
  /** The last copy of a thing that came by, what calls of this isolate use of it, and what it holds beside. */
  look(thing: Thing): { copy: PoolCopy | null; inUse: number; spare: number }
  /** The call is over: what comes back by itself may serve others of this isolate. */
  release(claims: readonly Claim[]): void
  /** The call was not made: all that it held may serve others of this isolate. */
  cancel(claims: readonly Claim[]): void
  /** The call has been debited: what it held of what is used up is gone. `update` tells the others. */
  spend(claims: readonly Claim[]): void
  /** Spends at that time what these claims still hold, at the latest. */
  keepUntil(claims: readonly Claim[], until: number): void
  /**
   * Brings Redis up to date in one round trip: what is held now, and newer copies.
   *
   * @param dropped fields of a hash that go with the same stroke
   */
  update(
    redis: RedisClient,
    things: readonly Thing[],
    now: number,
    fills?: ReadonlyMap<string, string>,
    dropped?: DroppedFields | null,
  ): Promise<void>
  /** What has calls under way and would lapse soon. */
  due(now: number): Thing[]
}
