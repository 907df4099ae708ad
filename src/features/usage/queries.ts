import { sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { apiKeys, usageLogs, users } from '../../db/schema/index.ts'
import type { UsageRow } from './row.ts'

/** Of a call whose process died; written by cron, and replaced should the call turn out to be alive. */
export const INTERRUPTED = 'interrupted'

/**
 * Writes usage rows, however many, in one statement. A row that is there already stays as it is,
 * unless it was only a guess about an interrupted call. A person or key that is gone by now leaves
 * its column empty, as deleting it afterwards would.
 */
export async function insertUsage(db: Database, rows: readonly UsageRow[]): Promise<void> {
  await db.execute(sql`
    insert into ${usageLogs} (
      id, request_id, user_id, api_key_id, endpoint, model, stream, status, error_code,
      prompt_tokens, completion_tokens, estimated, time_to_first_byte_ms, duration_ms, created_at)
    select r.id, r."requestId", u.id, k.id, r.endpoint, r.model, r.stream, r.status, r."errorCode",
      r."promptTokens", r."completionTokens", r.estimated, r."timeToFirstByteMs", r."durationMs",
      r."createdAt"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      id uuid, "requestId" text, "userId" int, "apiKeyId" int, endpoint text, model text,
      stream boolean, status int, "errorCode" text, "promptTokens" int, "completionTokens" int,
      estimated boolean, "timeToFirstByteMs" int, "durationMs" int, "createdAt" timestamptz)
    left join ${users} u on u.id = r."userId"
    left join ${apiKeys} k on k.id = r."apiKeyId"
    on conflict (id) do update set
      status = excluded.status, error_code = excluded.error_code,
      prompt_tokens = excluded.prompt_tokens, completion_tokens = excluded.completion_tokens,
      estimated = excluded.estimated, time_to_first_byte_ms = excluded.time_to_first_byte_ms,
      duration_ms = excluded.duration_ms
    where ${usageLogs.errorCode} = ${INTERRUPTED}
      and excluded.error_code is distinct from ${INTERRUPTED}`)
}
