/** What the load generator is asked to do. */
export interface Job {
  /** `http://127.0.0.1:port` of the contender. */
  url: string
  path: string
  headers: Record<string, string>
  body: string
  /** What the end of a good answer looks like; anything else counts as an error. */
  endsWith: string
  load: ClosedLoop | OpenLoop
  /** When running requests are given up, in milliseconds from the start. */
  deadlineMs: number
}

/** So many clients, each of which sends its next request when the answer to the last one is there. */
export interface ClosedLoop {
  type: 'closed'
  clients: number
  /** Requests in all; absent means until `durationMs` has passed. */
  requests?: number
  durationMs?: number
  /** Time over which the clients begin one by one; absent means all at once. */
  staggerMs?: number
}

/** Requests at fixed points in time, whatever has become of the earlier ones. */
export interface OpenLoop {
  type: 'open'
  perSecond: number
  durationMs: number
}

/** What came of it. Times are milliseconds. */
export interface JobResult {
  requests: number
  durationMs: number
  /** Kind of failure → how often. */
  errors: Record<string, number>
  latency: Distribution
  /** To the first byte of the body. */
  firstByte: Distribution
}

export interface Distribution {
  p50: number
  p99: number
  max: number
}
