import type { Claim } from './claims.ts'

/**
 * Claims of calls that are over, until somebody knows what the calls have used. Whoever is to find out
 * may be cancelled before: then they end with their time.
 */
export class KeptClaims {
  #kept: { claims: readonly Claim[]; until: number }[] = []

  /** @param until milliseconds since the epoch; not before that of the last ones */
  add(claims: readonly Claim[], until: number): void {
    this.#kept.push({ claims, until })
  }

  /** Those whose time is over; they are not kept any more. */
  takeOverdue(now: number): readonly Claim[] {
    const first = this.#kept[0]
    if (!first || first.until > now) return []
    const overdue = this.#kept.filter(({ until }) => until <= now)
    this.#kept = this.#kept.filter(({ until }) => until > now)
    return overdue.flatMap(({ claims }) => claims)
  }
}
