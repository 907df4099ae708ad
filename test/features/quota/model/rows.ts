import type { NeonClient } from '../../../../src/db/neon.ts'

const LOOK_MS = 20
/** An isolate tries for the last time 26 s after a call has ended, or more where each try takes its time. */
const LIMIT_MS = 45_000

interface Waiting {
  userId: number
  count: number
  until: number
  resolve(): void
  reject(error: Error): void
}

/** Waits for usage rows, of all who wait with one query. */
export class Rows {
  readonly #sql: NeonClient
  #waiting: Waiting[] = []
  #isLooking = false

  constructor(sql: NeonClient) {
    this.#sql = sql
  }

  /** Waits until somebody has so many. */
  reached(userId: number, count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ userId, count, until: Date.now() + LIMIT_MS, resolve, reject })
      if (this.#isLooking) return
      this.#isLooking = true
      void this.#look()
    })
  }

  /** How many there are, by person. */
  async counts(userIds: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.#sql`
      select user_id, count(*)::int as count from usage_logs where user_id = any(${userIds})
      group by user_id`
    return new Map(rows.map((row) => [Number(row.user_id), Number(row.count)]))
  }

  async #look(): Promise<void> {
    while (this.#waiting.length > 0) {
      const asked = this.#waiting
      this.#waiting = []
      const ids = [...new Set(asked.map(({ userId }) => userId))]
      const counts = await this.counts(ids).catch((error: Error) => error)
      if (counts instanceof Error) {
        for (const { reject } of asked) reject(counts)
        continue
      }
      for (const one of asked) {
        const found = counts.get(one.userId) ?? 0
        if (found >= one.count) one.resolve()
        else if (Date.now() < one.until) this.#waiting.push(one)
        else one.reject(new Error(`${found} usage rows of ${one.userId} for ${one.count} calls`))
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    this.#isLooking = false
  }
}
