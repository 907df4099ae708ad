/** Waits that end early when the server stops, so that closing never hangs on a slow answer. */
export class Pacer {
  #pending = new Map<NodeJS.Timeout, () => void>()
  #stopped = false

  /** Waits; at once over after `stop`. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#pending.delete(timer)
        resolve()
      }, ms)
      this.#pending.set(timer, resolve)
    })
  }

  /** Ends every wait, and those that come. */
  stop(): void {
    this.#stopped = true
    this.hurry()
  }

  /** Ends every wait that is under way. */
  hurry(): void {
    for (const [timer, resolve] of this.#pending) {
      clearTimeout(timer)
      resolve()
    }
    this.#pending.clear()
  }
}
