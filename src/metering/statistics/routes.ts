import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { exportLogs, MAX_EXPORTED_ROWS } from './export-logs.ts'
import { allLogs, type LogSearch, ownLogs, readLogPage } from './read-logs.ts'
import { readAllStats, readOwnStats } from './read-stats.ts'
import {
  AllLogsQuery,
  AllStatsQuery,
  LogsQuery,
  Stats,
  StatsQuery,
  UsageLogPage,
} from './schemas.ts'

const own = { auth: { scope: 'read:usage' }, tag: 'Usage' } as const
const all = { auth: { permission: 'usage:read-all' }, tag: 'Administration' } as const

const statsAnswer = {
  status: 200,
  description: 'What was used, in all and group by group.',
  schema: Stats,
} as const
const logsAnswer = {
  status: 200,
  description: 'Calls, newest first.',
  schema: UsageLogPage,
  alsoAs: ['text/csv'],
}
const LOGS = `As CSV with "format=csv" or "Accept: text/csv": at most ${MAX_EXPORTED_ROWS} rows; when there are more, a last line that begins with "#" holds the cursor to go on from.`

export const statisticsEndpoints: Endpoint[] = [
  endpoint(
    {
      ...own,
      method: 'get',
      path: '/usage/stats',
      operationId: 'getUsageStats',
      summary: 'What I used',
      description: 'By day (UTC), model or key. At most 366 days.',
      query: StatsQuery,
      answer: statsAnswer,
    },
    async (c, { query }) => readOwnStats(c.get('ctx'), query),
  ),
  endpoint(
    {
      ...own,
      method: 'get',
      path: '/usage/logs',
      operationId: 'listUsageLogs',
      summary: 'My calls',
      description: LOGS,
      query: LogsQuery,
      answer: { ...logsAnswer, status: 200 },
    },
    async (c, { query }) => answerLogs(c, query, ownLogs(c.get('ctx'), query)),
  ),
  endpoint(
    {
      ...all,
      method: 'get',
      path: '/admin/usage/stats',
      operationId: 'getAllUsageStats',
      summary: 'What everybody used, or one person',
      description: 'By day (UTC), model, key or person. At most 366 days.',
      query: AllStatsQuery,
      answer: statsAnswer,
    },
    async (c, { query }) => readAllStats(c.get('ctx'), query),
  ),
  endpoint(
    {
      ...all,
      method: 'get',
      path: '/admin/usage/logs',
      operationId: 'listAllUsageLogs',
      summary: "Everybody's calls, or one person's",
      description: LOGS,
      query: AllLogsQuery,
      answer: { ...logsAnswer, status: 200 },
    },
    async (c, { query }) => answerLogs(c, query, allLogs(c.get('ctx'), query)),
  ),
]

async function answerLogs(
  c: Context<AppEnv>,
  query: z.output<typeof LogsQuery>,
  search: LogSearch,
): Promise<z.input<typeof UsageLogPage> | Response> {
  const accepted = accepts(c, {
    header: 'Accept',
    supports: ['application/json', 'text/csv'],
    default: 'application/json',
  })
  const isCsv = query.format ? query.format === 'csv' : accepted === 'text/csv'
  if (!isCsv) {
    c.header('vary', 'Accept', { append: true })
    return readLogPage(c.get('ctx'), search, query.limit)
  }
  return new Response(await exportLogs(c.get('ctx'), search), {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="usage.csv"',
      vary: 'Accept',
      'x-max-rows': String(MAX_EXPORTED_ROWS),
    },
  })
}
