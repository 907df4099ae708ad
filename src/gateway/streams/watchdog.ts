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
  #timer: Timer | null = null

  constructor(clock: Clock, patience: Patience, events: WatchdogEvents) {
    this.#clock = clock
    this.#patience = patience
    this.#events = events
    this.#startedAt = clock.now()
    this.#heardAt = this.#startedAt
    this.#wait()
  }

  /** Something of the body has come. */
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
    const at = Math.min(this.#silenceAt(), ...beats.map((beat) => beat.lastAt() + beat.everyMs))
    this.#timer = startTimer(Math.max(1, at - this.#clock.now()), () => this.#ring())
  }

  #ring(): void {
    const now = this.#clock.now()
    if (now >= this.#silenceAt()) {
      this.#events.onSilence()
      return
    }
    for (const beat of this.#events.beats ?? []) if (now - beat.lastAt() >= beat.everyMs) beat.run()
    this.#wait()
  }
}
