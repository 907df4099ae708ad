import type { Clock } from '../../platform/clock.ts'
import { startTimer, type Timer } from '../../platform/timer.ts'

/** Waits, in milliseconds. */
export interface Patience {
  /** Until the first byte of the answer's body. */
  firstByteMs: number
  /** Between two pieces of it. */
  idleMs: number
  /** For the whole exchange. */
  totalMs: number
}

interface WatchdogEvents {
  /** The AI service has been silent for too long, or has talked for too long. Called once. */
  onSilence(): void
  /** Something to do every so often while nothing happens, e.g. a sign of life for the client. */
  beats?: { everyMs: number; lastAt(): number; run(): void }[]
}

/** Watches over one exchange with one timer, which is set anew only when it rings. */
export class Watchdog {
  readonly #clock: Clock
  readonly #patience: Patience
  readonly #events: WatchdogEvents
  readonly #startedAt: number
  #heardAt: number
  #hasHeard = false
  /** When each beat last ran: one that could do nothing is not asked again at once. */
  readonly #ranAt: number[]
  #timer: Timer | null = null

  constructor(clock: Clock, patience: Patience, events: WatchdogEvents) {
    this.#clock = clock
    this.#patience = patience
    this.#events = events
    this.#startedAt = clock.now()
    this.#heardAt = this.#startedAt
    this.#ranAt = (events.beats ?? []).map(() => Number.NEGATIVE_INFINITY)
    this.#wait()
  }

  /** Something of the answer has come. */
  heard(): void {
    this.#hasHeard = true
    this.#heardAt = this.#clock.now()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #silenceAt(): number {
    const { firstByteMs, idleMs, totalMs } = this.#patience
    const silence = this.#heardAt + (this.#hasHeard ? idleMs : firstByteMs)
    return Math.min(silence, this.#startedAt + totalMs)
  }

  #wait(): void {
    const beats = this.#events.beats ?? []
    const at = Math.min(this.#silenceAt(), ...beats.map((_, index) => this.#dueAt(index)))
    this.#timer = startTimer(Math.max(1, at - this.#clock.now()), () => this.#ring())
  }

  #ring(): void {
    const now = this.#clock.now()
    if (now >= this.#silenceAt()) {
      this.#events.onSilence()
      return
    }
    for (const [index, beat] of (this.#events.beats ?? []).entries()) {
      if (now < this.#dueAt(index)) continue
      this.#ranAt[index] = now
      beat.run()
    }
    this.#wait()
  }

  #dueAt(index: number): number {
    const beat = this.#events.beats?.[index]
    if (!beat) return Number.POSITIVE_INFINITY
    return Math.max(beat.lastAt(), this.#ranAt[index] ?? 0) + beat.everyMs
  }
}
