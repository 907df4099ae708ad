import { Cron } from 'croner'

/** Fires the Worker's cron triggers when they are due, as Cloudflare does in production (UTC). */
export function startCron(workerUrl: string, expressions: readonly string[]): { stop(): void } {
  const jobs = expressions.map(
    (expression) =>
      new Cron(expression, { timezone: 'UTC', protect: true }, async () => {
        const target = `${workerUrl}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(expression)}`
        await fetch(target, { signal: AbortSignal.timeout(60_000) }).catch(() => undefined)
      }),
  )
  return {
    stop() {
      for (const job of jobs) job.stop()
    },
  }
}
