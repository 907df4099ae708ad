import * as z from 'zod'
import { parseJson } from '../../platform/json.ts'
import type { RedisClient } from '../../platform/redis.ts'

/** Reports live in Redis alone: PostgreSQL sleeps while there is nothing for a job to do. */
const KEY = 'jobs:reports'
const TTL_SECONDS = 30 * 86_400
/** Beside the report of the run that ended last stands when the last one started. */
const STARTED = ':started'

const Report = z.object({
  startedAt: z.number(),
  endedAt: z.number(),
  /** Null when it failed. */
  changed: z.number().nullable(),
  /** What kind of failure it was; never a message, which could carry anything. */
  error: z.string().nullable(),
  trigger: z.enum(['cron', 'hand']),
})
/** How one run went; times in milliseconds since the epoch. */
export type Report = z.output<typeof Report>

/** Where a runner says what it does. Without Redis the jobs run all the same. */
export interface ReportWriter {
  started(name: string, at: number): Promise<void>
  ended(name: string, report: Report): void
  /** To be called after the last job. */
  finish(): Promise<void>
}

/** The end of one job is written with the start of the next, to spare commands. */
export function createReportWriter(redis: RedisClient): ReportWriter {
  let fields: Record<string, string> = {}
  const take = () => {
    const taken = fields
    fields = {}
    return taken
  }
  return {
    async started(name, at) {
      fields[name + STARTED] = String(at)
      await redis.hset(KEY, take()).catch(() => undefined)
    },
    ended(name, report) {
      fields[name] = JSON.stringify(report)
    },
    async finish() {
      const rest = take()
      if (Object.keys(rest).length === 0) return
      const pipeline = redis.pipeline().hset(KEY, rest).expire(KEY, TTL_SECONDS)
      await pipeline.exec().catch(() => undefined)
    },
  }
}

/** What is known of each job; nothing of those that have not run for long. */
export async function readReports(redis: RedisClient, names: readonly string[]) {
  const fields = names.flatMap((name) => [name, name + STARTED])
  // Without automatic deserialization the values come as Redis sends them.
  const values = (await redis.hmget(KEY, ...fields)) as unknown as (string | null)[]
  return names.map((name, index) => {
    const last = Report.safeParse(parseJson(values[index * 2] ?? ''))
    const startedAt = Number(values[index * 2 + 1])
    return {
      name,
      last: last.success ? last.data : null,
      startedAt: startedAt > 0 ? startedAt : null,
    }
  })
}
