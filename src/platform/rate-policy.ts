/** So many calls in a sliding window. */
export interface RatePolicy {
  /** Counts apart from other policies; part of the Redis key and of the `RateLimit-Policy` header. */
  name: string
  limit: number
  windowSeconds: number
}
