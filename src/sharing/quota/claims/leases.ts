import type { RedisClient } from '../../../platform/redis.ts'
import type { Leases as LeasesPort } from '../../../ports/leases.ts'
import { encodeFill, type PoolCopy } from '../pools/pool-copy.ts'
import { PLENTY } from './claim-script.ts'
import type { Answer, Change, Claim, Demand, DroppedFields, Thing, Verdict } from './claims.ts'
import { KeptClaims } from './kept.ts'
import {
  beginChange,
  endChange,
  giveBack,
  type Lease,
  mayHaveMissed,
  newLease,
  noteCopy,
  takeAhead,
} from './lease.ts'
import { type ClaimEntry, type Holder, runClaim } from './run-claim.ts'
import { UntoldCopies } from './untold.ts'

/** By how much an isolate stops using what it holds before others may take it for lapsed. */
const MARGIN_MS = 5_000
/** What an isolate takes ahead where there is plenty, in calls. */
const SLICE_CALLS = 8
const MAX_HELD = 10_000
/** Who is refused though this isolate holds some of it asks again so often at most. */
const MAX_ATTEMPTS = 3
/** So long somebody with dedicated accounts is let through without asking: they may be gone by now. */
const OPEN_MS = 5_000

/**
 * What an isolate holds of pools and other things that are shared out. Calls are let through from
 * what it holds without asking anybody; it takes a little ahead only where there is plenty, and
 * whatever it holds lapses by itself should the isolate die.
 */
export class Leases implements LeasesPort {
  readonly #options: Holder
  readonly #leases = new Map<string, Lease>()
  readonly #untold = new UntoldCopies()
  readonly #kept = new KeptClaims()
  epoch = ''
  /** Of the last change. */
  #sequence = 0

  constructor(options: Holder) {
    this.#options = options
  }

  /** Serves a call from what is held; null when Redis has to be asked. */
  takeHeld(demands: readonly Demand[], now: number): Claim[] | null {
    for (const { thing, amount } of demands) {
      const lease = this.#leases.get(thing.key)
      if (!lease || lease.until <= now) return null
      if (lease.granted - lease.inUse < amount && lease.openUntil <= now) return null
    }
    return demands.map(({ thing, amount }) => {
      const lease = this.#leaseOf(thing, now)
      const held = lease.granted - lease.inUse < amount ? 0 : amount
      lease.inUse += held
      return { thing, amount: held }
    })
  }

  /**
   * Asks Redis for what a call needs, in one round trip. A call that is refused because this isolate
   * has taken ahead what it needs is served from that, or asks once more for what is missing.
   *
   * @param fills newer copies by key
   * @throws what the Redis client throws
   */
  async take(
    redis: RedisClient,
    demands: readonly Demand[],
    now: number,
    fills: ReadonlyMap<string, string> = new Map(),
  ): Promise<Verdict> {
    for (let attempt = 1; ; attempt++) {
      const verdict = await this.#ask(redis, demands, now, fills)
      if (verdict.type !== 'refused' || attempt === MAX_ATTEMPTS) return verdict
      const held = this.takeHeld(demands, now)
      if (held) return { type: 'granted', claims: held }
      const lease = this.#leases.get(verdict.thing.key)
      if (!lease || !mayHaveMissed(lease, verdict, demands, now)) return verdict
    }
  }

  async #ask(
    redis: RedisClient,
    demands: readonly Demand[],
    now: number,
    fills: ReadonlyMap<string, string>,
  ): Promise<Verdict> {
    this.spend(this.#kept.takeOverdue(now))
    const changes = demands.map(({ thing, amount }) => {
      const lease = this.#leaseOf(thing, now)
      const take = Math.max(0, amount - Math.max(0, lease.granted - lease.inUse))
      lease.slice = amount * SLICE_CALLS
      lease.inUse += amount
      lease.asked += take
      const slice = take > 0 ? takeAhead(lease, now) : 0
      const fill = fills.get(thing.key) ?? ''
      return { thing, use: amount, take, slice, fill, isForced: false }
    })
    const { verdict, at, answers } = await this.#run(redis, changes, now)
    if (verdict === 'granted') {
      return { type: 'granted', claims: this.#claimsOf(demands, changes, answers, now) }
    }
    const thing = demands[at - 1]?.thing
    if (!thing) throw new Error('the claim script named nothing')
    if (verdict === 'unknown') return { type: 'unknown', thing }
    const { free = 0, copy = null } = answers[at - 1] ?? {}
    return { type: 'refused', thing, free, copy }
  }

  /** Where somebody was let through without taking, nothing is held. */
  #claimsOf(
    demands: readonly Demand[],
    changes: readonly Change[],
    answers: readonly Answer[],
    now: number,
  ): Claim[] {
    return demands.map(({ thing, amount }, index) => {
      const missing = Math.max(0, (changes[index]?.take ?? 0) - (answers[index]?.taken ?? 0))
      const lease = this.#leases.get(thing.key)
      if (lease) {
        lease.inUse -= missing
        lease.openUntil = missing > 0 ? now + OPEN_MS : 0
      }
      return { thing, amount: amount - missing }
    })
  }

  /**
   * Keeps a copy that came from elsewhere than Redis, unless a newer one is known.
   *
   * @returns the newer one
   */
  learn(thing: Thing, copy: PoolCopy, now: number): PoolCopy {
    const lease = this.#leaseOf(thing, now)
    noteCopy(lease, copy, true)
    return lease.copy ?? copy
  }

  /** The last copy of a thing that came by, what calls of this isolate use of it, and what it holds beside. */
  look(thing: Thing): { copy: PoolCopy | null; inUse: number; spare: number } {
    const { copy = null, inUse = 0, granted = 0 } = this.#leases.get(thing.key) ?? {}
    return { copy, inUse, spare: Math.max(0, granted - inUse) }
  }

  /** The call is over: what comes back by itself may serve others of this isolate. */
  release(claims: readonly Claim[]): void {
    this.#end(claims.filter(({ thing }) => thing.capacity !== null))
  }

  /** The call was not made: all that it held may serve others of this isolate. */
  cancel(claims: readonly Claim[]): void {
    this.#end(claims)
  }

  /** The call has been debited: what it held of what is used up is gone. `update` tells the others. */
  spend(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const lease = this.#leases.get(claim.thing.key)
      if (!lease || claim.thing.capacity !== null) continue
      const { amount } = claim
      this.#end([claim])
      giveBack(lease, amount)
    }
  }

  /** Spends at that time what these claims still hold, at the latest. */
  keepUntil(claims: readonly Claim[], until: number): void {
    this.#kept.add(claims, until)
  }

  #end(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const lease = this.#leases.get(claim.thing.key)
      if (lease) lease.inUse = Math.max(0, lease.inUse - claim.amount)
      claim.amount = 0
    }
  }

  /**
   * Brings Redis up to date in one round trip: what is held now, and newer copies. Takes a little
   * ahead again where there is plenty.
   *
   * @param fills newer copies by key
   * @param dropped fields of a hash that go with the same stroke
   */
  async update(
    redis: RedisClient,
    things: readonly Thing[],
    now: number,
    fills: ReadonlyMap<string, string> = new Map(),
    dropped: DroppedFields | null = null,
  ): Promise<void> {
    if (things.length === 0 && !dropped?.fields.length) return
    const changes = [...things, ...this.#untold.thingsBeside(things)].map((thing) => {
      const lease = this.#leaseOf(thing, now)
      const { inUse, asked, slice } = lease
      // Where little is left, what is not used must not be missing elsewhere.
      if (lease.free < PLENTY * slice) giveBack(lease, lease.granted - (inUse - asked))
      return {
        thing,
        use: 0,
        take: 0,
        slice: takeAhead(lease, now),
        fill: fills.get(thing.key) ?? '',
        isForced: true,
      }
    })
    await this.#run(redis, changes, now, dropped)
  }

  /** What has calls under way and would lapse soon. Drops what nobody uses. */
  due(now: number): Thing[] {
    this.spend(this.#kept.takeOverdue(now))
    const due: Thing[] = []
    for (const [key, lease] of this.#leases) {
      const isIdle = lease.inUse === 0 && lease.underWay.length === 0
      if (isIdle && lease.until <= now) this.#leases.delete(key)
      else if (lease.inUse > 0 && lease.until - now < this.#options.claimTtlMs / 2) {
        due.push(lease.thing)
      }
    }
    return due
  }

  async #run(
    redis: RedisClient,
    wanted: readonly Change[],
    now: number,
    dropped: DroppedFields | null = null,
  ): Promise<{ verdict: string; at: number; answers: Answer[] }> {
    const changes = this.#untold.completed(wanted)
    const leases = changes.map(({ thing }) => this.#leaseOf(thing, now))
    const sequence = ++this.#sequence
    const entries = leases.map((lease, index) =>
      beginChange(lease, changes[index] as Change, sequence),
    )
    const run = runClaim(redis, this.#options, now, entries, dropped)
    const end = (isGranted: boolean) => {
      for (const [index, lease] of leases.entries()) {
        endChange(lease, entries[index] as ClaimEntry, isGranted)
      }
    }
    const { verdict, at, epoch, answers } = await run.catch((error) => {
      this.#untold.keep(changes)
      end(false)
      throw error
    })
    this.epoch = epoch
    this.#untold.drop(changes)
    end(verdict === 'granted')
    for (const [index, lease] of leases.entries()) {
      const { taken = 0, free = 0, copy = null, isOwn = false } = answers[index] ?? {}
      if (copy && !noteCopy(lease, copy, isOwn)) {
        this.#untold.keepCopy(lease.thing, encodeFill(lease.copy ?? copy, epoch))
      }
      if (!lease.copy?.dedicated) lease.openUntil = 0
      lease.free = free
      if (verdict !== 'granted') {
        // Nothing was changed. What became of a change that failed nobody knows; then it is better to hold too much.
        lease.owed += entries[index]?.owed ?? 0
        continue
      }
      lease.granted += taken
      lease.until = now + this.#options.claimTtlMs - MARGIN_MS
      // More is held than there is, as when a ceiling has come down: what no call uses goes back.
      if (free < 0) giveBack(lease, lease.granted - (lease.inUse - lease.asked))
    }
    return { verdict, at, answers }
  }

  #leaseOf(thing: Thing, now: number): Lease {
    let lease = this.#leases.get(thing.key)
    if (!lease) {
      if (this.#leases.size >= MAX_HELD) this.#dropIdle()
      lease = newLease(thing)
      this.#leases.set(thing.key, lease)
    }
    lease.thing = thing
    // What has lapsed may have gone to somebody else: only what calls really use is still claimed.
    if (lease.until <= now) {
      lease.granted = Math.max(0, lease.inUse - lease.asked)
      lease.owed = 0
    }
    return lease
  }

  #dropIdle(): void {
    for (const [key, lease] of this.#leases) {
      if (lease.inUse === 0 && lease.underWay.length === 0) this.#leases.delete(key)
    }
  }
}
