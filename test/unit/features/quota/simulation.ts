import { RedisCore } from '../../../../dev/upstash/core/core.ts'
import { RedisError } from '../../../../dev/upstash/core/reply.ts'
import type { RedisClient } from '../../../../src/platform/redis.ts'
import type { Claim, Demand, Thing } from '../../../../src/sharing/quota/claims/claims.ts'
import { Leases } from '../../../../src/sharing/quota/claims/leases.ts'
import {
  decodeCopy,
  encodeCopy,
  encodeFill,
  type PoolCopy,
} from '../../../../src/sharing/quota/pools/pool-copy.ts'

const START = 1_000_000
/** So long Redis is waited for, in milliseconds. */
const TIMEOUT_MS = 2_500
const RENEW_MS = 1_000
const CLAIM_TTL_MS = 30_000
/** So long a call that is over keeps what it held. */
export const KEPT_MS = 30_000
/** What a call may use at most. */
export const PRICE = 10
const POOL: Thing = { key: 'pool:1:model', templateKey: 'pool:1', capacity: null }
const CALLS: Thing = { key: 'inflight:1', capacity: 40 }
const DEMANDS: readonly Demand[] = [
  { thing: CALLS, amount: 1 },
  { thing: POOL, amount: PRICE },
]

/** What becomes of a request on its way to Redis and back. */
export type Fate =
  | 'arrives'
  | 'is lost'
  | 'answer is lost'
  | 'arrives late'
  | 'arrives twice'
  | 'comes again later'
export interface Trip {
  fate: Fate
  thereMs: number
  backMs: number
}

/** One call of somebody: when it comes, at which isolate, how long it takes, and what it uses. */
export interface SimulatedCall {
  at: number
  isolate: number
  takesMs: number
  /** Null: it is given up before it is made; unknown: whoever is to find out is cancelled. */
  cost: number | null | 'unknown'
}

interface Isolate {
  name: string
  leases: Leases
  redis: RedisClient
  /** Requests that it waits for. */
  underWay: number
  /** What its calls hold that are let through, and not in the books. */
  held: number
}

interface Event {
  at: number
  run(): void
}

/**
 * Isolates that share one pool, on a clock and a network of their own: the same lives always go the
 * same way. The books stand for PostgreSQL, and are always right.
 */
export class Simulation {
  now = START
  readonly #core = new RedisCore({ now: () => this.now })
  readonly #trips: Iterator<Trip>
  readonly #events: Event[] = []
  readonly isolates: Isolate[]
  readonly books: PoolCopy
  readonly #first: PoolCopy
  readonly seen = { admitted: 0, refused: 0, failed: 0 }
  #pending = 0

  constructor(isolates: number, balance: number, trips: Iterator<Trip>) {
    this.#trips = trips
    this.books = {
      balance,
      accruedAt: this.now,
      remainder: 0,
      ceiling: 0,
      version: 1,
      shared: 1,
      dedicated: 0,
    }
    this.#first = { ...this.books }
    this.isolates = Array.from({ length: isolates }, (_, at) => {
      const name = `isolate-${at}`
      const leases = new Leases({ holder: name, claimTtlMs: CLAIM_TTL_MS })
      return { name, leases, redis: this.#client(at), underWay: 0, held: 0 }
    })
    this.#core.execute(['HSET', POOL.key, 'p', encodeCopy(this.books)])
  }

  /** Lets everything happen. @throws when a call is let through that the pool does not hold */
  async run(calls: readonly SimulatedCall[]): Promise<void> {
    const failures: unknown[] = []
    for (const call of calls) {
      this.#pending++
      this.#at(call.at, () => {
        this.#call(call)
          .catch((error) => failures.push(error))
          .finally(() => this.#pending--)
      })
    }
    for (const isolate of this.isolates) this.#renew(isolate)
    while (failures.length === 0) {
      this.#events.sort((one, other) => one.at - other.at)
      const event = this.#events.shift()
      if (!event) break
      this.now = Math.max(this.now, event.at)
      event.run()
      // All that is ready goes on before the clock does.
      await new Promise((resolve) => setImmediate(resolve))
      this.#checkKnown()
    }
    if (failures.length > 0) throw failures[0]
    if (this.#pending > 0) throw new Error('a call has never ended')
  }

  /** As calls do while they are under way. */
  #renew(isolate: Isolate): void {
    if (this.#pending === 0) return
    const { leases, redis } = isolate
    const due = leases.due(this.now)
    if (due.length > 0) leases.update(redis, due, this.now).catch(() => undefined)
    this.#in(RENEW_MS, () => this.#renew(isolate))
  }

  /** What Redis has of the pool, by isolate. */
  claims(): string {
    return JSON.stringify(this.#core.execute(['HGETALL', POOL.key]))
  }

  /** The copy of the pool that Redis has. */
  told(): PoolCopy {
    const text = this.#core.execute(['HGET', POOL.key, 'p'])
    return decodeCopy(String(text)) ?? this.#first
  }

  /** As a replica that takes over and has not heard of anything yet. */
  goBack(): void {
    this.#core.execute(['HSET', POOL.key, 'p', encodeCopy(this.#first)])
  }

  async #call({ isolate, takesMs, cost }: SimulatedCall): Promise<void> {
    const at = this.isolates[isolate]
    if (!at) return
    const claims = await this.#admit(at)
    if (!claims) return
    await this.#sleep(takesMs)
    if (cost === null) {
      at.leases.cancel(claims)
      at.held -= PRICE
      return
    }
    at.leases.release(claims)
    if (cost === 'unknown') {
      at.leases.keepUntil(claims, this.now + KEPT_MS)
      await this.#sleep(KEPT_MS)
      at.held -= PRICE
      return
    }
    this.books.balance -= cost
    this.books.version++
    at.held -= PRICE
    const fills = new Map([[POOL.key, encodeFill(this.books, at.leases.epoch)]])
    at.leases.spend(claims)
    await at.leases.update(at.redis, [POOL, CALLS], this.now, fills).catch(() => undefined)
  }

  async #admit(at: Isolate): Promise<Claim[] | null> {
    const { leases, redis } = at
    const held = leases.takeHeld(DEMANDS, this.now)
    if (held) return this.#admitted(at, held)
    try {
      const verdict = await leases.take(redis, DEMANDS, this.now)
      if (verdict.type === 'granted') return this.#admitted(at, verdict.claims)
      this.seen.refused++
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      this.seen.failed++
    }
    return null
  }

  #admitted(at: Isolate, claims: Claim[]): Claim[] {
    at.held += PRICE
    this.seen.admitted++
    const held = this.isolates.reduce((sum, each) => sum + each.held, 0)
    if (held > this.books.balance) {
      throw new Error(
        `calls hold ${held} of ${this.books.balance} at ${this.now}: ${this.claims()}`,
      )
    }
    return claims
  }

  /** Redis knows of what calls hold, but for what is on its way. */
  #checkKnown(): void {
    for (const { name, underWay, held } of this.isolates) {
      if (underWay > 0) continue
      const claim = this.#core.execute(['HGET', POOL.key, `c:${name}`])
      const known = Number(String(claim ?? 0).split(':')[0])
      if (known < held) {
        throw new Error(`calls of ${name} hold ${held} at ${this.now}: ${this.claims()}`)
      }
    }
  }

  #client(isolate: number): RedisClient {
    const createScript = (source: string) => ({
      exec: (keys: string[], args: string[]) =>
        this.#send(isolate, ['EVAL', source, String(keys.length), ...keys, ...args]),
    })
    return { createScript } as unknown as RedisClient
  }

  async #send(isolate: number, command: string[]): Promise<unknown> {
    const at = this.isolates[isolate] as Isolate
    at.underWay++
    try {
      return await this.#request(command)
    } finally {
      at.underWay--
    }
  }

  #request(command: string[]): Promise<unknown> {
    const { fate, thereMs, backMs } = this.#trips.next().value
    return new Promise((resolve, reject) => {
      const run = () => this.#core.execute(command)
      const fail = () => reject(new TypeError('fetch failed'))
      const answer = () => {
        const reply = run()
        this.#in(backMs, () => (reply instanceof RedisError ? reject(reply) : resolve(reply)))
      }
      if (fate === 'arrives') return this.#in(thereMs, answer)
      if (fate === 'comes again later') {
        this.#in(thereMs + backMs * 3, run)
        return this.#in(thereMs, answer)
      }
      if (fate === 'arrives twice') {
        this.#in(thereMs, run)
        return this.#in(thereMs + backMs, answer)
      }
      if (fate === 'answer is lost') {
        this.#in(thereMs, run)
        return this.#in(thereMs + backMs, fail)
      }
      if (fate === 'arrives late') this.#in(TIMEOUT_MS + thereMs, run)
      this.#in(TIMEOUT_MS, fail)
    })
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#in(ms, resolve))
  }

  #in(ms: number, run: () => void): void {
    this.#events.push({ at: this.now + ms, run })
  }

  #at(ms: number, run: () => void): void {
    this.#events.push({ at: START + ms, run })
  }
}
