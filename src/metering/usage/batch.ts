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

/** What is written together. */
interface Round<Item> {
  items: Item[]
  keepers: number
  /** When somebody began to write it; null while it collects. */
  takenAt: number | null
  isWritten: boolean
}

/**
 * Collects what the requests of one isolate want written and lets one of them write it all. The one
 * that writes may be cancelled with its own request: then another takes over. Writing twice must
 * therefore be harmless.
 */
export class Batch<Item> {
  readonly #write: (ctx: BatchCtx, items: Item[]) => Promise<void>
  #round: Round<Item> = newRound()
  #nextWriteAt = 0

  /** @param write must not throw */
  constructor(write: (ctx: BatchCtx, items: Item[]) => Promise<void>) {
    this.#write = write
  }

  /** Has the item written soon after. */
  add(ctx: BatchCtx, item: Item): void {
    const round = this.#round
    round.items.push(item)
    // To stay costs a request more than to leave.
    if (round.keepers >= KEEPERS) return
    const isFirst = round.keepers++ === 0
    ctx.waitUntil(withoutStoreTime(() => this.#keep(ctx, round, isFirst)))
  }

  async #keep(ctx: BatchCtx, round: Round<Item>, isFirst: boolean): Promise<void> {
    if (isFirst) {
      await sleep(Math.max(HEADWAY_MS, this.#nextWriteAt - ctx.clock.now()))
      if (round.takenAt === null) await this.#writeRound(ctx, round)
    }
    while (!round.isWritten) {
      await sleep(LOOK_MS)
      const isLeft = round.takenAt === null || ctx.clock.now() - round.takenAt > WRITE_LIMIT_MS
      if (!round.isWritten && isLeft) await this.#writeRound(ctx, round)
    }
  }

  async #writeRound(ctx: BatchCtx, round: Round<Item>): Promise<void> {
    const now = ctx.clock.now()
    if (this.#round === round) this.#round = newRound()
    round.takenAt = now
    this.#nextWriteAt = now + COLLECT_MS
    await this.#write(ctx, round.items)
    round.isWritten = true
  }
}

function newRound<Item>(): Round<Item> {
  return { items: [], keepers: 0, takenAt: null, isWritten: false }
}
