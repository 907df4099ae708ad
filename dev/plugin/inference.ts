import { randomUUID } from 'node:crypto'
import type { Armed } from './faults.ts'
import { own } from './json.ts'
import { liveQuota, refreshQuotas, useLive } from './meter.ts'
import { servedModels } from './models.ts'
import type { Plugin } from './plugin.ts'
import { debitUse } from './pool.ts'
import { Refusal } from './refusal.ts'
import { disableAccount, exhaustedText, NO_ACCOUNT, selectAccount } from './selection.ts'
import type { Account, User } from './state.ts'
import { toUnits } from './units.ts'
import { exhausted, namedFailure, UpstreamFailure, unknownModel } from './upstream-failure.ts'

const STALE_AFTER_MS = 5 * 60_000

/** One request that is under way on an account. */
export interface Use {
  user: User
  account: Account
  model: string
  /** Whether the account was reached as a shared one. */
  shared: boolean
  /** The stored quota when the request began; undefined on the first use of the model. */
  before: number | undefined
}

/** Refuses a request that is armed to fail before any account is chosen. */
export function refuseEarly(armed: Armed | undefined, model: string): void {
  if (armed?.failure === 'no_account') throw new Refusal(500, armed.text ?? NO_ACCOUNT)
  if (armed?.failure === 'pool_empty') throw new Refusal(500, armed.text ?? exhaustedText(model))
  if (armed?.failure === 'build_failed') {
    throw new Refusal(500, armed.text ?? "Cannot read properties of undefined (reading 'map')")
  }
}

/**
 * Chooses an account and calls the upstream on it, switching accounts where the contract does.
 *
 * @param call talks to the upstream; what it throws as UpstreamFailure decides about the account
 */
export async function begin<Answer>(
  plugin: Plugin,
  request: { user: User; model: string; maxSwitches: number; armed: Armed | undefined },
  call: () => Promise<Answer>,
): Promise<{ use: Use; answer: Answer }> {
  const { user, model } = request
  const tried = new Set<string>()
  let { armed } = request
  for (let switches = 0; ; ) {
    const account = selectAccount(plugin, user, model, tried)
    if (!account) throw exhausted()
    const stored = own(account.quotas, model)
    const use: Use = {
      user,
      account,
      model,
      shared: account.is_shared === 1,
      before: stored?.quota,
    }
    if (stored && plugin.now() - stored.last_fetched_at > STALE_AFTER_MS) {
      // Not awaited: this request still counts from the stale value.
      setImmediate(() => void refreshQuotas(plugin, account).catch(() => undefined))
    }
    try {
      failAsArmed(armed)
      refuseUnknownModel(plugin, account, model)
      if (liveQuota(plugin, account, model).units <= 0) throw exhausted('switch')
      const answer = await call()
      // Taken at the beginning: requests that overlap then all see the sum of what they used.
      useLive(plugin, account, model, unitsPerRequest(plugin, model))
      return { use, answer }
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error
      if (error.effect.startsWith('disable')) disableAccount(plugin, account)
      if (!error.effect.endsWith('switch')) throw error
      tried.add(account.cookie_id)
      armed = undefined
      if (error.effect === 'switch') switches += 1
      if (switches > request.maxSwitches) throw exhausted()
    }
  }
}

/**
 * Fetches what is left, writes the consumption row, and debits the pool for a shared use.
 *
 * @param armed `killed_midway`: the service dies before it gets so far, and what was used stays unrecorded
 */
export async function settle(plugin: Plugin, use: Use, armed?: Armed): Promise<void> {
  if (armed?.failure === 'killed_midway') return
  const { account, model, user } = use
  await refreshQuotas(plugin, account)
  const after = own(account.quotas, model)?.quota
  const gone =
    !plugin.store.accounts.has(account.cookie_id) || !plugin.store.users.has(user.user_id)
  if (use.before === undefined || after === undefined || gone) return
  // A reset during the request makes the difference negative; it then costs nothing.
  const consumed = Math.max(0, use.before - after)
  plugin.store.log.push({
    log_id: randomUUID(),
    user_id: user.user_id,
    cookie_id: account.cookie_id,
    model_name: model,
    quota_before: use.before,
    quota_after: after,
    quota_consumed: consumed,
    is_shared: use.shared ? 1 : 0,
    consumed_at: plugin.now(),
  })
  if (use.shared) debitUse(plugin, user.user_id, model, consumed)
  plugin.store.changed()
}

function refuseUnknownModel(plugin: Plugin, account: Account, model: string): void {
  const known =
    plugin.upstream || servedModels(plugin).includes(model) || own(account.quotas, model)
  if (!known) throw unknownModel()
}

function unitsPerRequest(plugin: Plugin, model: string): number {
  return toUnits(own(plugin.settings.consumptionByModel, model) ?? plugin.settings.consumption)
}

function failAsArmed(armed: Armed | undefined): void {
  switch (armed?.failure) {
    case 'resource_exhausted':
    case 'upstream_400':
    case 'upstream_400_unknown':
    case 'project_invalid':
    case 'upstream_401':
    case 'upstream_403':
    case 'upstream_403_permission':
    case 'upstream_500':
    case 'upstream_502':
    case 'upstream_503':
    case 'illegal_prompt':
    case 'image_too_large':
      throw namedFailure(armed.failure, armed.text)
    default:
  }
}
