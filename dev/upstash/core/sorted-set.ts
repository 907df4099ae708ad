/** A sorted set: scores by member, and the members in Redis's order (score, then bytes). */
export class SortedSet {
  readonly scores = new Map<string, number>()
  /** Members in order. */
  readonly order: string[] = []

  get size(): number {
    return this.order.length
  }

  /** Adds the member or moves it to its new score. */
  set(member: string, score: number): void {
    this.delete(member)
    this.order.splice(this.#position(member, score), 0, member)
    // Redis stores a negative zero as zero.
    this.scores.set(member, score + 0)
  }

  /** Removes the member; answers whether it was there. */
  delete(member: string): boolean {
    const score = this.scores.get(member)
    if (score === undefined) return false
    this.order.splice(this.#position(member, score), 1)
    this.scores.delete(member)
    return true
  }

  score(member: string): number {
    return this.scores.get(member)!
  }

  /** The member's rank, or -1. */
  rank(member: string): number {
    const score = this.scores.get(member)
    return score === undefined ? -1 : this.#position(member, score)
  }

  /** Where (score, member) stands, or would stand: a binary search. */
  #position(member: string, score: number): number {
    let low = 0
    let high = this.order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.order[middle]!
      const otherScore = this.scores.get(other)!
      if (otherScore < score || (otherScore === score && other < member)) low = middle + 1
      else high = middle
    }
    return low
  }
}
