import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { mapBounded } from '../../platform/bounded.ts'
import { isUsable } from '../plugin/index.ts'
import { tryAccountQuotas } from './account-quotas.ts'
import { accountHealth } from './health.ts'
import { asOwnerSees } from './held-back.ts'
import { listAccounts, listWithHolds } from './list-accounts.ts'
import type { SharedPoolStats, UsageAccounts, UsageQuotas, UsageSummary } from './quota-schemas.ts'
import { getSharedPool, readShared } from './shared-pool.ts'
import { readUserPools } from './user-pools.ts'

/** Each is a live call upstream. */
const MAX_PARALLEL = 4
/** When it is over, no further account is asked about. */
const PATIENCE_MS = 25_000

/** The person's pools at the plug-in beside what everybody shares. */
export async function usageQuotas(ctx: Ctx): Promise<z.output<typeof UsageQuotas>> {
  const [user_quota, shared_pool_quota] = await Promise.all([
    readUserPools(ctx),
    getSharedPool(ctx),
  ])
  return { user_quota, shared_pool_quota }
}

/** All accounts, each with what it has left, or with the reason why that could not be read. */
export async function usageAccounts(ctx: Ctx): Promise<z.output<typeof UsageAccounts>> {
  const accounts = await listWithHolds(ctx)
  const deadline = ctx.clock.now() + PATIENCE_MS
  return mapBounded(accounts, MAX_PARALLEL, async ({ account, hold }) => {
    const now = ctx.clock.now()
    const read =
      now < deadline
        ? await tryAccountQuotas(ctx, account.cookie_id)
        : { quotas: [], quotas_error: late }
    const health = accountHealth(account, now, read.quotas, hold)
    return { ...asOwnerSees(account, hold), health, ...read }
  })
}

const late = {
  code: 'upstream_timeout',
  message: 'The other accounts took too long. Ask for this one by itself.',
}

/** Counts of accounts, pools by model, and what everybody shares. */
export async function usageSummary(ctx: Ctx): Promise<z.output<typeof UsageSummary>> {
  const [accounts, pools, shared] = await Promise.all([
    listAccounts(ctx),
    readUserPools(ctx),
    readShared(ctx),
  ])
  const active = accounts.filter(isUsable).length
  return {
    accounts: { total: accounts.length, active, inactive: accounts.length - active },
    user_quotas: Object.fromEntries(
      pools.map(({ model_name, quota, max_quota, last_recovered_at }) => [
        model_name,
        { current_quota: quota, max_quota, last_recovered_at },
      ]),
    ),
    shared_pool: shared.quotas,
  }
}

/** What everybody shares by model, and how many accounts the person contributes. */
export async function sharedPoolStats(ctx: Ctx): Promise<z.output<typeof SharedPoolStats>> {
  const [accounts, pool] = await Promise.all([listAccounts(ctx), getSharedPool(ctx)])
  const lent = accounts.filter((account) => account.is_shared === 1)
  const active = lent.filter(isUsable).length
  return {
    accounts: {
      total_shared: lent.length,
      active_shared: active,
      inactive_shared: lent.length - active,
    },
    quotas_by_model: Object.fromEntries(
      pool.quotas.map(({ model_name, last_fetched_at: _, ...rest }) => [model_name, rest]),
    ),
    user_consumption: pool.user_consumption,
    fetched_at: pool.fetched_at,
    note: '"accounts" counts what you lend yourself; "quotas_by_model" is what everybody lends together.',
  }
}
