import * as z from 'zod'
import { Amount, Count, Flag, MaybeText, Moment } from '../plugin/index.ts'
import { AccountWithQuotas } from './schemas.ts'

/** One model of the plug-in's own pool of a person. */
export const PluginPool = z
  .object({
    pool_id: MaybeText,
    user_id: MaybeText,
    model_name: z.string(),
    quota: Amount,
    max_quota: Amount,
    last_recovered_at: Moment,
    last_updated_at: Moment,
  })
  .meta({
    id: 'PluginPool',
    description:
      'What the AI service itself counts for one model; what you may really draw is in `/api/quotas`.',
  })

/** What everybody's shared accounts have left for one model. */
export const SharedModel = z
  .object({
    model_name: z.string(),
    total_quota: Amount,
    earliest_reset_time: Moment,
    available_cookies: Count,
    status: Flag,
    last_fetched_at: Moment,
  })
  .meta({ id: 'SharedModel' })

export const OwnConsumption = z
  .object({
    total_requests: Count,
    total_quota_consumed: Amount,
    shared_quota_consumed: Amount,
    private_quota_consumed: Amount,
  })
  .meta({ id: 'OwnConsumption', description: 'What you alone have used.' })
export type OwnConsumption = z.output<typeof OwnConsumption>

/** The plug-in's answer. */
export const PluginSharedPool = z.object({
  quotas: z.array(SharedModel),
  user_consumption: OwnConsumption,
})

export const SharedPool = PluginSharedPool.extend({
  fetched_at: z.iso.datetime().describe('When `quotas` was read; everybody sees the same copy.'),
}).meta({ id: 'SharedPool' })

export const Consumption = z
  .object({
    log_id: z.string(),
    user_id: MaybeText,
    cookie_id: MaybeText,
    model_name: z.string(),
    quota_before: Amount,
    quota_after: Amount,
    quota_consumed: Amount,
    is_shared: Flag,
    consumed_at: Moment,
  })
  .meta({ id: 'Consumption' })
export type Consumption = z.output<typeof Consumption>

export const ConsumptionStats = z
  .object({
    total_requests: Count,
    total_quota_consumed: Amount,
    avg_quota_consumed: Amount,
    last_used_at: Moment,
  })
  .meta({ id: 'ConsumptionStats' })

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** A day, which counts whole, or a moment. */
const when = (timeOfDay: string) =>
  z
    .union([z.iso.date(), z.iso.datetime({ offset: true, local: true })])
    .transform((text) => (DAY.test(text) ? `${text}T${timeOfDay}Z` : text))
    .transform((text) =>
      new Date(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`).toISOString(),
    )
    .describe('A day such as 2026-01-31, which counts whole, or an ISO time; UTC without a zone.')

/** @param limit how many rows come when nobody says: the AI service itself would send all */
export const consumptionQuery = (limit: number) =>
  z
    .object({
      limit: z.coerce.number().int().min(1).max(1_000).default(limit),
      start_date: when('00:00:00.000').optional(),
      end_date: when('23:59:59.999').optional(),
    })
    .refine(({ start_date, end_date }) => !start_date || !end_date || start_date <= end_date, {
      path: ['end_date'],
      message: 'It ends before it begins.',
    })
export type ConsumptionQuery = z.output<ReturnType<typeof consumptionQuery>>

export const UsageQuotas = z
  .object({ user_quota: z.array(PluginPool), shared_pool_quota: SharedPool })
  .meta({ id: 'UsageQuotas' })

export const UsageAccounts = z.array(AccountWithQuotas)

export const UsageSummary = z
  .object({
    accounts: z.object({ total: z.int(), active: z.int(), inactive: z.int() }),
    user_quotas: z.record(
      z.string(),
      z.object({ current_quota: Amount, max_quota: Amount, last_recovered_at: Moment }),
    ),
    shared_pool: z.array(SharedModel),
  })
  .meta({ id: 'UsageSummary' })

export const SharedPoolStats = z
  .object({
    accounts: z
      .object({ total_shared: z.int(), active_shared: z.int(), inactive_shared: z.int() })
      .describe('The accounts that you yourself lend.'),
    quotas_by_model: z.record(
      z.string(),
      SharedModel.omit({ model_name: true, last_fetched_at: true }),
    ),
    user_consumption: OwnConsumption,
    fetched_at: z.iso.datetime(),
    note: z.string(),
  })
  .meta({ id: 'SharedPoolStats' })
