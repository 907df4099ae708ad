import { randomUUID } from 'node:crypto'
import { createDatabase } from '../../../src/db/client.ts'
import type { NeonClient } from '../../../src/db/neon.ts'
import { rollUpUsage } from '../../../src/metering/statistics/index.ts'
import { createRedis } from '../../../src/platform/redis.ts'

export interface Call {
  id?: string
  userId: number | null
  apiKeyId?: number | null
  model?: string | null
  stream?: boolean
  status?: number
  errorCode?: string | null
  promptTokens?: number | null
  completionTokens?: number | null
  quota?: number | null
  timeToFirstByteMs?: number | null
  durationMs?: number
  createdAt: string
  /** When it was written; with the call itself unless said. */
  writtenAt?: string
}

/** Writes calls into the books as they would stand there. */
export async function insertCalls(sql: NeonClient, calls: readonly Call[]): Promise<void> {
  const rows = calls.map((call) => ({
    id: randomUUID(),
    requestId: 'test',
    apiKeyId: null,
    endpoint: '/v1/chat/completions',
    model: 'model-a',
    stream: false,
    status: 200,
    errorCode: null,
    promptTokens: null,
    completionTokens: null,
    quota: null,
    timeToFirstByteMs: null,
    durationMs: 100,
    writtenAt: call.createdAt,
    ...call,
  }))
  for (let at = 0; at < rows.length; at += 1_000)
    await sql`
      insert into usage_logs (id, request_id, user_id, api_key_id, endpoint, model, stream, status,
        error_code, prompt_tokens, completion_tokens, quota, time_to_first_byte_ms, duration_ms,
        created_at, written_at)
      select id, "requestId", "userId", "apiKeyId", endpoint, model, stream, status, "errorCode",
        "promptTokens", "completionTokens", quota, "timeToFirstByteMs", "durationMs", "createdAt",
        "writtenAt"
      from jsonb_to_recordset(${JSON.stringify(rows.slice(at, at + 1_000))}::jsonb) as r(
        id uuid, "requestId" text, "userId" int, "apiKeyId" int, endpoint text, model text,
        stream boolean, status int, "errorCode" text, "promptTokens" int, "completionTokens" int,
        quota int, "timeToFirstByteMs" int, "durationMs" int, "createdAt" timestamptz,
        "writtenAt" timestamptz)`
}

const DAY_MS = 86_400_000
export const today = () => new Date().toISOString().slice(0, 10)
/** The day so many days ago. */
export const daysAgo = (days: number) =>
  new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10)

/** Stats as they are answered. */
export interface StatsBody {
  from: string
  to: string
  totals: FiguresBody
  rows: (FiguresBody & {
    day?: string
    model?: string | null
    api_key_id?: number | null
    api_key_name?: string | null
    user_id?: number | null
    username?: string | null
  })[]
  truncated: boolean
}

interface FiguresBody {
  requests: number
  errors: number
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  quota: number
  duration_ms: { p50: number; p95: number; p99: number } | null
  time_to_first_byte_ms: { p50: number; p95: number; p99: number } | null
}

export interface RollUpOptions {
  keptDays?: number
  sliceRows?: number
  /** Through which it reaches the database, where that is not the stack's own. */
  endpoint?: string
  /** False: it may ask Redis whether there is anything to do. */
  isForced?: boolean
  now?: number
}

/** The nightly job as a process of its own, without the lock that keeps two of them apart. */
export async function rollUp(
  bindings: Record<string, string>,
  { keptDays = 0, sliceRows = 50_000, endpoint, isForced = true, now }: RollUpOptions = {},
): Promise<number> {
  const redis = createRedis(
    bindings.UPSTASH_REDIS_REST_URL ?? '',
    bindings.UPSTASH_REDIS_REST_TOKEN ?? '',
  )
  if (isForced) await redis.del('usage:rolled-up')
  const ctx = {
    config: { USAGE_RETENTION_DAYS: keptDays },
    clock: { now: () => now ?? Date.now() },
    logger: { log: () => undefined },
    services: {
      redis,
      db: createDatabase(bindings.DATABASE_URL ?? '', endpoint ?? bindings.NEON_FETCH_ENDPOINT),
    },
  } as unknown as Parameters<typeof rollUpUsage>[0]
  return rollUpUsage(ctx, { sliceRows, deletedRows: 7, steps: 1_000, runMs: 600_000 })
}
