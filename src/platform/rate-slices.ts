import type { RatePolicy } from './rate-policy.ts'

/** What part of a limit one isolate may hold, and what part of the calls that are left. */
const SHARE_OF_LIMIT = 0.01
const SHARE_OF_REST = 0.1
/** With this part of a slice left, the next one is asked for. */
const LOW = 0.25
/** More saves nothing that could be measured, and would only lapse. */
const MAX_CALLS = 100
/** Longer than Redis is waited for: whoever asks for a slice may be cancelled in the middle of it. */
const ASKING_MS = 6_000
const MAX_SLICES = 10_000

/** What Redis said about a window. */
interface WindowState {
  remaining: number
  /** When the window ends, in milliseconds since the epoch. */
  resetAt: number
}

/**
 * Calls of one caller that Redis has counted and that have not been made yet. They are good for the
 * window that they were counted in and for no other, so that no window lets more through than Redis
 * knows of.
 */
export class Slice implements WindowState {
  /** Counted, and not made yet. */
  spare = 0
  /** Not counted yet, when Redis was last asked. */
  remaining = 0
  resetAt = 0
  readonly #maxCalls: number
  #size = 0
  #askingUntil = 0

  constructor({ limit }: RatePolicy) {
    this.#maxCalls = Math.min(MAX_CALLS, Math.floor(limit * SHARE_OF_LIMIT))
  }

  /** Makes a call out of the slice. @returns false where Redis has to be asked */
  use(nowMs: number): boolean {
    if (this.spare === 0 || nowMs >= this.resetAt) return false
    this.spare--
    return true
  }

  /** Takes back a call of the window that is running. @returns false where no such window is known */
  giveBack(nowMs: number): boolean {
    if (nowMs >= this.resetAt) return false
    this.spare++
    return true
  }

  /**
   * How many calls to ask Redis for. A slice is for windows of which it is known that much is left,
   * and one request at a time asks for it; the others ask for themselves.
   */
  beginAsking(nowMs: number): number {
    if (nowMs >= this.resetAt || nowMs < this.#askingUntil) return 1
    const calls = this.#nextSize()
    if (calls < 2) return 1
    this.#size = calls
    this.#askingUntil = nowMs + ASKING_MS
    return calls
  }

  /** Whether to ask for the next slice already, so that no call has to wait for it. */
  isLow(nowMs: number): boolean {
    if (this.spare > this.#size * LOW) return false
    return nowMs < this.resetAt && nowMs >= this.#askingUntil && this.#nextSize() >= 2
  }

  #nextSize(): number {
    return Math.min(this.#maxCalls, Math.floor(this.remaining * SHARE_OF_REST))
  }

  /** @param calls what was asked for */
  endAsking(calls: number): void {
    if (calls > 1) this.#askingUntil = 0
  }

  /** @param spare calls that were counted and are not made yet */
  note({ remaining, resetAt }: WindowState, spare: number): void {
    if (resetAt < this.resetAt) return
    this.spare = resetAt === this.resetAt ? this.spare + spare : spare
    this.remaining = remaining
    this.resetAt = resetAt
  }
}

/** The slices of one isolate. */
export class Slices {
  readonly #slices = new Map<string, Slice>()

  of(policy: RatePolicy, who: string): Slice {
    // One name may have several limits, and calls counted in one window are no good in another.
    const key = `${policy.name}:${policy.limit}:${policy.windowSeconds}:${who}`
    let slice = this.#slices.get(key)
    if (!slice) {
      // What is thrown away here lapses with its window.
      if (this.#slices.size >= MAX_SLICES) this.#slices.clear()
      slice = new Slice(policy)
      this.#slices.set(key, slice)
    }
    return slice
  }
}
