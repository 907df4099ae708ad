import * as z from 'zod'
import { IdInput } from '../../platform/http/id-input.ts'
import { FiguresView } from './figures.ts'
import { DayInput, MomentInput } from './period.ts'

/** PostgreSQL keeps no NUL in a text. */
export const ModelInput = z
  .string()
  .min(1)
  .max(300)
  .refine((text) => !text.includes('\0'), 'must not contain NUL')

export const StatsQuery = z.object({
  from: DayInput.optional().describe('First day (UTC); 29 days before "to" when absent.'),
  to: DayInput.optional().describe('Last day (UTC), included; today when absent.'),
  group_by: z.enum(['day', 'model', 'key']).default('day'),
  model: ModelInput.optional(),
  api_key_id: IdInput.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(500)
    .default(100)
    .describe('How many groups, those with the most requests first. Days are never left out.'),
})

export const AllStatsQuery = StatsQuery.extend({
  group_by: z.enum(['day', 'model', 'key', 'user']).default('day'),
  user_id: IdInput.optional().describe('Of one person; of everybody when absent.'),
})

const StatsRow = FiguresView.extend({
  day: z.iso.date().optional(),
  model: z.string().nullable().optional(),
  api_key_id: z.int().nullable().optional().describe('Null: calls with an access token.'),
  api_key_name: z.string().nullable().optional(),
  user_id: z.int().nullable().optional().describe('Null: people who have been deleted.'),
  username: z.string().nullable().optional(),
}).meta({ id: 'UsageStatsRow' })

export const Stats = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    group_by: z.enum(['day', 'model', 'key', 'user']),
    totals: FiguresView.describe('Of all calls that were asked about, groups left out included.'),
    rows: z.array(StatsRow).describe('Groups without a call are left out.'),
    truncated: z.boolean().describe('Whether there are more groups than "limit".'),
  })
  .meta({ id: 'UsageStats' })

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const moment = z.union([DayInput, MomentInput])

export const LogsQuery = z.object({
  from: moment.optional().describe('A day (UTC) or a moment; calls of this moment are included.'),
  to: moment
    .optional()
    .describe('A day (UTC), which is included as a whole, or a moment, which is not.'),
  model: ModelInput.optional(),
  api_key_id: IdInput.optional(),
  status: z.enum(['2xx', '3xx', '4xx', '5xx']).optional(),
  errors_only: flag.optional(),
  stream: flag.optional(),
  cursor: z.string().max(100).optional().describe('A "next_cursor" of an earlier answer.'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Of JSON only.'),
  format: z.enum(['json', 'csv']).optional().describe('Wins over the Accept header.'),
})

export const AllLogsQuery = LogsQuery.extend({ user_id: IdInput.optional() })

export const UsageLog = z
  .object({
    id: z.guid(),
    request_id: z.string(),
    created_at: z.iso.datetime().describe('When the call began.'),
    user_id: z.int().nullable(),
    username: z.string().nullable(),
    api_key_id: z.int().nullable(),
    api_key_name: z.string().nullable(),
    endpoint: z.string(),
    model: z.string().nullable(),
    stream: z.boolean(),
    status: z.int().describe('499: the client left before the end.'),
    error_code: z.string().nullable(),
    prompt_tokens: z.int().nullable(),
    completion_tokens: z.int().nullable(),
    total_tokens: z.int().nullable(),
    estimated: z.boolean().describe('Whether the tokens are our estimate.'),
    quota: z.number().nullable().describe('Units, four decimals; null while it is not known.'),
    time_to_first_byte_ms: z.int().nullable(),
    duration_ms: z.int(),
  })
  .meta({ id: 'UsageLog' })

export const UsageLogPage = z
  .object({
    items: z.array(UsageLog),
    next_cursor: z
      .string()
      .nullable()
      .describe(
        'Give it as "cursor" to read on; null at the end. A page can be short, or empty, and still have a next one: each looks at a bounded number of calls.',
      ),
  })
  .meta({ id: 'UsageLogPage' })
