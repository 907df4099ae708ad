import type { Change, Thing } from './claims.ts'

/** Enough for an outage; who is beyond it is told with the next change of theirs. */
const MAX_COPIES = 1_000

/**
 * Copies that Redis could not be told of. Until it is, it would let more calls through than the books
 * allow: so they go along with the next change that reaches it. A copy that Redis has in a newer
 * version by then does no harm.
 */
export class UntoldCopies {
  readonly #copies = new Map<string, { thing: Thing; fill: string }>()

  /** Nobody knows what became of these changes. */
  keep(changes: readonly Change[]): void {
    for (const { thing, fill } of changes) if (fill !== '') this.keepCopy(thing, fill)
  }

  /** Redis has an older copy of it. */
  keepCopy(thing: Thing, fill: string): void {
    const hasRoom = this.#copies.size < MAX_COPIES || this.#copies.has(thing.key)
    if (hasRoom) this.#copies.set(thing.key, { thing, fill })
  }

  /** Redis has these changes. */
  drop(changes: readonly Change[]): void {
    if (this.#copies.size === 0) return
    for (const { thing, fill } of changes) {
      if (this.#copies.get(thing.key)?.fill === fill) this.#copies.delete(thing.key)
    }
  }

  /** The same changes, with what could not be told of their things. */
  completed(changes: readonly Change[]): readonly Change[] {
    if (this.#copies.size === 0) return changes
    return changes.map((change) => ({
      ...change,
      fill: change.fill || (this.#copies.get(change.thing.key)?.fill ?? ''),
    }))
  }

  /** Things that such copies are of, beside these. */
  thingsBeside(things: readonly Thing[]): Thing[] {
    if (this.#copies.size === 0) return []
    const present = new Set(things.map(({ key }) => key))
    return [...this.#copies.values()].flatMap(({ thing }) =>
      present.has(thing.key) ? [] : [thing],
    )
  }
}
