import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { requirePermission, requireScope } from '../../permissions.ts'
import { add, toFiguresView } from './figures.ts'
import { readPeriod } from './period.ts'
import type { AllStatsQuery, Stats, StatsQuery } from './schemas.ts'
import { readGroups, type StatsFilter, type StatsGroup } from './stats-queries.ts'

type View = z.input<typeof Stats>

/** Enough for every day of the longest period. */
const ALL_DAYS = 1_000

/** What the person used. @throws {AppError} `insufficient_scope`, `validation_failed` */
export async function readOwnStats(ctx: Ctx, query: z.output<typeof StatsQuery>): Promise<View> {
  requireScope(ctx, 'read:usage')
  return readStats(ctx, query, requirePerson(ctx).userId)
}

/** What everybody used, or one person. @throws {AppError} `forbidden`, `validation_failed` */
export async function readAllStats(ctx: Ctx, query: z.output<typeof AllStatsQuery>): Promise<View> {
  requirePermission(ctx, 'usage:read-all')
  return readStats(ctx, query, query.user_id)
}

async function readStats(
  ctx: Ctx,
  query: z.output<typeof AllStatsQuery>,
  userId: number | undefined,
): Promise<View> {
  const { db } = ctx.services
  const period = readPeriod(query, ctx.clock.now())
  const filter: StatsFilter = {
    ...period,
    userId,
    apiKeyId: query.api_key_id,
    model: query.model,
  }
  const { group_by } = query
  const limit = group_by === 'day' ? ALL_DAYS : query.limit
  const groups = await readGroups(db, filter, group_by, limit + 1)
  const shown = groups.slice(0, limit)
  const isTruncated = groups.length > limit
  // Of all groups the totals are the sum, read at one moment; else they have to be asked for.
  const totals = isTruncated ? await readGroups(db, filter, 'nothing', 1) : shown
  return {
    ...period,
    group_by,
    totals: toFiguresView(add(totals)),
    rows: shown.map((group) => ({ ...nameOf(group, group_by), ...toFiguresView(group) })),
    truncated: isTruncated,
  }
}

function nameOf({ key, label }: StatsGroup, groupBy: View['group_by']) {
  const id = key === '' ? null : Number(key)
  switch (groupBy) {
    case 'day':
      return { day: key }
    case 'model':
      return { model: key === '' ? null : key }
    case 'key':
      return { api_key_id: id, api_key_name: label }
    case 'user':
      return { user_id: id, username: label }
  }
}
