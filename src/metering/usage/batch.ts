import type { Ctx } from '../../context.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { sleep } from '../../platform/timer.ts'

export type BatchCtx = Pick<
  Ctx,
  'services' | 'clock' | 'random' | 'logger' | 'waitUntil' | 'config'
>

/** Shortest time between two writes: what comes in between is written together. */
const COLLECT_MS = 100
/** The last byte of an answer gets ahead of its row. */
const HEADWAY_MS = 20
/** How often a request looks whether its round has been written. */
const LOOK_MS = 400
/** Longer than any write may take, over all its attempts. */
const WRITE_LIMIT_MS = 25_000
/** So many requests stay until a round is written: one writes, and should it be cancelled, another. */
const KEEPERS = 2
/** How often whoever is to write looks whether the round before has been written. */
const TURN_MS = 20
/** For so long at most it is waited for: as long as one call of a store. */
const PATIENCE_MS = 2_500
/** After this a round is written whatever else is: what waits is nowhere else yet. */
const WAIT_LIMIT_MS = 5_000
/** More would not be written in the time that one call of a store has. */
const MAX_ITEMS = 400

/** What is written together. */
interface Round<Item> {
  items: Item[]
  /** When the first came. */
  openedAt: number
  keepers: number
  /** When somebody began to write it; null while it collects. */
  takenAt: number | null
  isWritten: boolean
}

/**
 * Collects what the requests of one isolate want written and lets one of them write it all, one round
 * after the other: the slower writing is, the more is written together. Rounds that are written side by
 * side would only wait for each other's locks, until none of them ends in time. The one that writes may
 * be cancelled with its own request: then another takes over. Writing twice must therefore be harmless.
 */
export class Batch<Item> {
  readonly #write: (ctx: BatchCtx, items: Item[]) => Promise<void>
  #round: Round<Item> = newRound()
  /** What is being written; null: nothing. */
  #written: Round<Item> | null = null
  #nextWriteAt = 0

  /** @param write must not throw */
  constructor(write: (ctx: BatchCtx, items: Item[]) => Promise<void>) {
    this.#write = write
  }

  /** Has the item written soon after. */
  add(ctx: BatchCtx, item: Item): void {
    if (this.#round.items.length >= MAX_ITEMS) this.#round = newRound()
    const round = this.#round
    if (round.items.length === 0) round.openedAt = ctx.clock.now()
    round.items.push(item)
    // To stay costs a request more than to leave.
    if (round.keepers >= KEEPERS) return
    const isFirst = round.keepers++ === 0
    ctx.waitUntil(withoutStoreTime(() => this.#keep(ctx, round, isFirst)))
  }

  async #keep(ctx: BatchCtx, round: Round<Item>, isFirst: boolean): Promise<void> {
    if (isFirst) {
      await sleep(Math.max(HEADWAY_MS, this.#nextWriteAt - ctx.clock.now()))
      while (round.takenAt === null && !this.#isItsTurn(round, ctx.clock.now()))
        await sleep(TURN_MS)
      if (round.takenAt === null) await this.#writeRound(ctx, round)
    }
    while (!round.isWritten) {
      await sleep(LOOK_MS)
      const now = ctx.clock.now()
      const isLeft =
        round.takenAt === null ? this.#isItsTurn(round, now) : now - round.takenAt > WRITE_LIMIT_MS
      if (!round.isWritten && isLeft) await this.#writeRound(ctx, round)
    }
  }

  #isItsTurn({ openedAt }: Round<Item>, now: number): boolean {
    const since = this.#written?.takenAt ?? null
    return since === null || now - since > PATIENCE_MS || now - openedAt > WAIT_LIMIT_MS
  }

  async #writeRound(ctx: BatchCtx, round: Round<Item>): Promise<void> {
    const now = ctx.clock.now()
    if (this.#round === round) this.#round = newRound()
    round.takenAt = now
    this.#nextWriteAt = now + COLLECT_MS
    this.#written = round
    await this.#write(ctx, round.items)
    round.isWritten = true
    if (this.#written === round) this.#written = null
  }
}

function newRound<Item>(): Round<Item> {
  return { items: [], openedAt: 0, keepers: 0, takenAt: null, isWritten: false }
}
