import type { SqlRequest } from './types.ts'

/** One request as `/__requests` shows it. Parameter values are never kept. */
export interface LoggedRequest {
  seq: number
  /** Milliseconds since 1970. */
  at: number
  path: string
  queries: string[]
}

const CAPACITY = 2_000
const QUERY_CHARACTERS = 300

/** The last requests, so that tests and the dashboard can see what the Worker asked. */
export class RequestLog {
  #seq = 0
  #requests: LoggedRequest[] = []

  add(path: string, request: SqlRequest): void {
    this.#seq += 1
    const queries = request.queries.map((query) => query.text.slice(0, QUERY_CHARACTERS))
    this.#requests.push({ seq: this.#seq, at: Date.now(), path, queries })
    // Trimmed by halves: shifting a long array for each request would cost more than the log.
    if (this.#requests.length >= CAPACITY * 2) this.#requests = this.#requests.slice(-CAPACITY)
  }

  /** @returns the number of the newest request, and those after `seq` that are still kept */
  after(seq: number): { seq: number; requests: LoggedRequest[] } {
    const kept = this.#requests.slice(-CAPACITY)
    return { seq: this.#seq, requests: kept.filter((request) => request.seq > seq) }
  }
}
