import type { Ctx } from '../../context.ts'
import { sleep } from '../../platform/timer.ts'

export type BatchCtx = Pick<
  Ctx,
  'services' | 'clock' | 'random' | 'logger' | 'waitUntil' | 'config'
>

/** Shortest time between two writes: what comes in between is written together. */
const COLLECT_MS = 100
/** The last byte of an answer gets ahead of its row. */
const HEADWAY_MS = 20
/** By how much the one who writes next may be late before somebody else does it. */
const GRACE_MS = 50
/** How often a request looks whether somebody else has written its item. */
const LOOK_MS = 400
/** Longer than any write may take, over all its attempts. */
const WRITE_LIMIT_MS = 8_000

interface Entry<Item> {
  item: Item
  /** When somebody began to write it; null while it waits. */
  takenAt: number | null
  isWritten: boolean
}

/**
 * Collects what the requests of one isolate want written and lets one of them write it all. Each
 * request stays until its own item is written, since the one that writes may be cancelled with its
 * own request: then another takes over. Writing twice must therefore be harmless.
 */
export class Batch<Item> {
  readonly #write: (ctx: BatchCtx, items: Item[]) => Promise<void>
  #waiting: Entry<Item>[] = []
  #nextWriteAt = 0
  #collectorUntil = 0

  /** @param write must not throw */
  constructor(write: (ctx: BatchCtx, items: Item[]) => Promise<void>) {
    this.#write = write
  }

  /** Has the item written soon after. */
  add(ctx: BatchCtx, item: Item): void {
    const entry: Entry<Item> = { item, takenAt: null, isWritten: false }
    this.#waiting.push(entry)
    ctx.waitUntil(this.#see(ctx, entry))
  }

  async #see(ctx: BatchCtx, entry: Entry<Item>): Promise<void> {
    const now = ctx.clock.now()
    const wait = this.#nextWriteAt - now
    if (wait <= 0) {
      this.#nextWriteAt = now + COLLECT_MS
      await sleep(HEADWAY_MS)
      await this.#writeWaiting(ctx)
    } else if (now >= this.#collectorUntil) {
      this.#collectorUntil = this.#nextWriteAt + GRACE_MS
      await sleep(wait)
      this.#collectorUntil = 0
      this.#nextWriteAt = ctx.clock.now() + COLLECT_MS
      await this.#writeWaiting(ctx)
    }
    while (!entry.isWritten) {
      await sleep(LOOK_MS)
      if (entry.isWritten) return
      if (entry.takenAt === null) await this.#writeWaiting(ctx)
      else if (ctx.clock.now() - entry.takenAt > WRITE_LIMIT_MS) await this.#writeAll(ctx, [entry])
    }
  }

  async #writeWaiting(ctx: BatchCtx): Promise<void> {
    const entries = this.#waiting
    this.#waiting = []
    if (entries.length > 0) await this.#writeAll(ctx, entries)
  }

  async #writeAll(ctx: BatchCtx, entries: Entry<Item>[]): Promise<void> {
    const now = ctx.clock.now()
    for (const entry of entries) entry.takenAt = now
    await this.#write(
      ctx,
      entries.map((entry) => entry.item),
    )
    for (const entry of entries) entry.isWritten = true
  }
}
