import type { Ctx } from '../context.ts'
import { showQuotas } from '../sharing/quota/index.ts'

/** What is left and what has been used of the pools that somebody has opened, in units. */
interface Balance {
  limit: number
  remaining: number
  used: number
}

/** What the person may draw from all pools together. A pool that was never drawn from is full. */
async function balanceOf(ctx: Ctx): Promise<Balance & { isOpen: boolean }> {
  const { ceiling, pools } = await showQuotas(ctx)
  const opened = pools.filter(({ group }) => group !== '*')
  // Who has drawn from none yet may draw from one, at the least.
  const limit = Math.max(1, opened.length) * ceiling
  const remaining = opened.length === 0 ? ceiling : sum(opened.map(({ available }) => available))
  return { limit, remaining, used: Math.max(0, round(limit - remaining)), isOpen: limit > 0 }
}

/** As switchers of providers read it, such as cc-switch. One unit is the quota of one whole account. */
export async function readUsage(ctx: Ctx) {
  const { limit, remaining, used, isOpen } = await balanceOf(ctx)
  return {
    object: 'usage' as const,
    isValid: true,
    planName: isOpen ? 'Shared pool' : 'No pool',
    balance: remaining,
    remaining,
    total: limit,
    used,
    unit: 'units',
  }
}

/** OpenAI's former billing call, in cents, as NextChat reads it; a unit counts as a dollar. */
export async function billingUsage(ctx: Ctx) {
  const { used } = await balanceOf(ctx)
  return { object: 'list' as const, total_usage: round(used * 100) }
}

/** The other half of it, in dollars; it never ends. */
export async function billingSubscription(ctx: Ctx) {
  const { limit, isOpen } = await balanceOf(ctx)
  return {
    object: 'billing_subscription' as const,
    has_payment_method: isOpen,
    soft_limit_usd: limit,
    hard_limit_usd: limit,
    system_hard_limit_usd: limit,
    access_until: 0,
  }
}

function sum(numbers: readonly number[]): number {
  return round(numbers.reduce((total, number) => total + number, 0))
}

/** To the four decimals that a unit has. */
function round(number: number): number {
  return Math.round(number * 10_000) / 10_000
}
