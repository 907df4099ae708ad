/**
 * Stands in the bundle for `@upstash/core-analytics`, which the rate limiter makes only where it is
 * told to keep statistics; ours never is.
 */
export class Analytics {
  constructor() {
    throw new Error('The rate limiter keeps no statistics: dev/worker/no-analytics.ts')
  }
}
