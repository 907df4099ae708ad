import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { requirePermission, requireScope } from '../../permissions.ts'
import { toUnits } from '../../platform/units.ts'
import { fromCursor, type Position, toCursor } from './cursor.ts'
import { type LogFilter, type LogRow, readLogs } from './logs-queries.ts'
import { addDays } from './period.ts'
import type { AllLogsQuery, LogsQuery, UsageLog, UsageLogPage } from './schemas.ts'

export type LogView = z.output<typeof UsageLog>

/** What is asked for, and by whom it may be: the filter and where to begin. */
export interface LogSearch {
  filter: LogFilter
  after: Position | null
}

/** The person's own calls. @throws {AppError} `insufficient_scope`, `validation_failed` */
export function ownLogs(ctx: Ctx, query: z.output<typeof LogsQuery>): LogSearch {
  requireScope(ctx, 'read:usage')
  return searchOf(query, requirePerson(ctx).userId)
}

/** Everybody's calls, or one person's. @throws {AppError} `forbidden`, `validation_failed` */
export function allLogs(ctx: Ctx, query: z.output<typeof AllLogsQuery>): LogSearch {
  requirePermission(ctx, 'usage:read-all')
  return searchOf(query, query.user_id)
}

/** One page, newest first. */
export async function readLogPage(
  ctx: Ctx,
  { filter, after }: LogSearch,
  limit: number,
): Promise<z.input<typeof UsageLogPage>> {
  const { rows, next } = await readLogs(ctx.services.db, filter, after, limit)
  return { items: rows.map(toView), next_cursor: next && toCursor(next) }
}

function searchOf(query: z.output<typeof LogsQuery>, userId: number | undefined): LogSearch {
  return {
    filter: {
      userId,
      from: query.from,
      // A day is meant to its end.
      to: query.to?.length === 10 ? addDays(query.to, 1) : query.to,
      model: query.model,
      apiKeyId: query.api_key_id,
      statusClass: query.status && Number(query.status[0]),
      isError: query.errors_only ?? false,
      stream: query.stream,
    },
    after: query.cursor === undefined ? null : fromCursor(query.cursor),
  }
}

export function toView(row: LogRow): LogView {
  const { prompt_tokens, completion_tokens } = row
  const isCounted = prompt_tokens !== null || completion_tokens !== null
  return {
    id: row.id,
    request_id: row.request_id,
    created_at: row.created_at,
    user_id: row.user_id,
    username: row.username,
    api_key_id: row.api_key_id,
    api_key_name: row.api_key_name,
    endpoint: row.endpoint,
    model: row.model,
    stream: row.stream,
    status: row.status,
    error_code: row.error_code,
    prompt_tokens,
    completion_tokens,
    total_tokens: isCounted ? (prompt_tokens ?? 0) + (completion_tokens ?? 0) : null,
    estimated: row.estimated,
    quota: row.quota === null ? null : toUnits(row.quota),
    time_to_first_byte_ms: row.time_to_first_byte_ms,
    duration_ms: row.duration_ms,
  }
}
