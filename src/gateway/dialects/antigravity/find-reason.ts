import * as z from 'zod'
import { type Ctx, requirePerson } from '../../../context.ts'
import { AppError } from '../../../errors.ts'
import { within } from '../../../platform/timer.ts'
import { raisePool, requirePlugin, requirePluginKey } from '../../../sharing/plugin/index.ts'
import { exhausted, poolClosed, poolRaised, unknownModel, upstreamFailed } from './failures.ts'

/** All questions together; a reason that takes longer to find is not worth waiting for. */
const PATIENCE_MS = 2_500
/** The same person failing again and again must not make the plug-in ask its upstreams each time. */
const REMEMBERED_MS = 5_000
const MAX_REMEMBERED = 1_000
/** Each costs the plug-in a call of its upstream. */
const MAX_ACCOUNTS_ASKED = 3
const HOUR_MS = 3_600_000

const number = z.coerce.number()
const Accounts = z.array(
  z.object({
    cookie_id: z.string(),
    is_shared: number,
    status: number,
    need_refresh: z.boolean().nullish(),
  }),
)
const PoolRows = z.array(z.object({ model_name: z.string(), quota: number }))
const AccountQuotas = z.array(
  z.object({
    model_name: z.string(),
    quota: number,
    status: number.nullish(),
    reset_time: z.string().nullish(),
  }),
)
const SharedPool = z.object({
  quotas: z.array(z.object({ model_name: z.string(), total_quota: number.nullish() })),
})

/** Models whose rows of its own pool the plug-in debits and checks together. */
const GROUPS: readonly (readonly string[])[] = [
  ['gemini-3-pro-low', 'gemini-3-pro-high'],
  [
    'claude-sonnet-4-5',
    'claude-sonnet-4-5-thinking',
    'claude-opus-4-5-thinking',
    'claude-opus-4-6-thinking',
    'gpt-oss-120b-medium',
  ],
  ['gemini-2.5-pro', 'gemini-2.5-pro-thinking'],
]

const remembered = new Map<string, { error: AppError; until: number }>()

/**
 * Why the plug-in answered 500 before it chose an account: it does not say. No account and no pool
 * is `no_account`; accounts with nothing left for the model are `insufficient_quota`. Where only the
 * plug-in's own pool is closed, it is raised: the ledger has let the call through, and is the only
 * judge. Anything else is a failure of the service.
 */
export async function findReason(ctx: Ctx, model: string | null): Promise<AppError> {
  const key = `${requirePerson(ctx).userId}\n${model ?? ''}`
  const now = ctx.clock.now()
  const known = remembered.get(key)
  if (known && known.until > now) return known.error
  const error = await within(PATIENCE_MS, ask(ctx, model), null)
  if (!error) return upstreamFailed(500)
  // What is being set right is over in a moment.
  if (error.code === 'service_unavailable') return error
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(key, { error, until: now + REMEMBERED_MS })
  return error
}

async function ask(ctx: Ctx, model: string | null): Promise<AppError | null> {
  try {
    const plugin = requirePlugin(ctx.services.plugin)
    const caller = { as: 'user', key: await requirePluginKey(ctx) } as const
    const read = <Data>(path: string, schema: z.ZodType<Data>) =>
      plugin.call(caller, { method: 'GET', path }, schema)

    const [accounts, pool] = await Promise.all([
      read('/api/accounts', Accounts),
      read('/api/quotas/user', PoolRows),
    ])
    const usable = accounts.filter((account) => account.status === 1 && !account.need_refresh)
    const dedicated = usable.filter((account) => account.is_shared === 0)
    if (dedicated.length === 0 && pool.length === 0) return noAccount(accounts.length > 0)
    if (model === null) return upstreamFailed(500)

    if (dedicated.length > 0) {
      const spent = await spentFor(ctx, read, dedicated, model)
      if (spent === null) return upstreamFailed(500)
      if (pool.length === 0) return exhausted(spent)
    }
    const group = GROUPS.find((models) => models.includes(model)) ?? [model]
    const isPoolOpen = pool.some((row) => group.includes(row.model_name) && row.quota > 0)
    const { quotas } = await read('/api/quotas/shared-pool', SharedPool)
    const isListed = [...pool, ...quotas].some((row) => row.model_name === model)
    if (!isListed) return unknownModel()
    const left = quotas.find((row) => row.model_name === model)?.total_quota ?? 0
    if (left <= 0) return exhausted(secondsToNextHour(ctx.clock.now()))
    if (isPoolOpen) return upstreamFailed(500)
    return (await raisePool(ctx, model)) ? poolRaised() : poolClosed()
  } catch {
    return null
  }
}

type Read = <Data>(path: string, schema: z.ZodType<Data>) => Promise<Data>

/**
 * Own accounts are there: are they all at their end for this model?
 *
 * @returns in how many seconds one is back; null where they are not
 */
async function spentFor(
  ctx: Ctx,
  read: Read,
  accounts: z.output<typeof Accounts>,
  model: string,
): Promise<number | null> {
  const asked = await Promise.all(
    accounts
      .slice(0, MAX_ACCOUNTS_ASKED)
      .map(({ cookie_id }) =>
        read(`/api/accounts/${encodeURIComponent(cookie_id)}/quotas`, AccountQuotas),
      ),
  )
  const rows = asked.map((quotas) => quotas.find((row) => row.model_name === model))
  const isSpent = rows.every((row) => row && (row.quota <= 0 || row.status === 0))
  if (!isSpent) return null
  const now = ctx.clock.now()
  const resets = rows
    .map((row) => Date.parse(withZone(row?.reset_time ?? '')))
    .filter((at) => at > now)
  return resets.length > 0 ? (Math.min(...resets) - now) / 1000 : secondsToNextHour(now)
}

/** The plug-in's times lack their zone; it runs in UTC. */
function withZone(time: string): string {
  return /Z|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`
}

/** Pools recover by the hour. */
function secondsToNextHour(now: number): number {
  return (HOUR_MS - (now % HOUR_MS)) / 1000
}

function noAccount(hasUnusable: boolean): AppError {
  const how = 'Add one with POST /api/plugin-api/oauth/authorize.'
  return new AppError(
    'no_account',
    hasUnusable
      ? `None of your AI accounts is usable: they are disabled, or have to be authorized again. Enable one, or add a new one. ${how}`
      : `You have no AI account, and none is shared with you. ${how}`,
  )
}
