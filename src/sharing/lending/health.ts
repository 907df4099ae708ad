import type { Hold } from '../quota/index.ts'
import type { AccountHealth, ModelHealth, Reason } from './health-schemas.ts'
import { isHeldBack } from './held-back.ts'
import type { PluginAccount, PluginQuota } from './schemas.ts'

const PREFIX = '/api/plugin-api'

/**
 * @param account as the plug-in has it
 * @param now milliseconds since the epoch
 * @param quotas what is left for each model; nothing where nobody asked
 * @param hold what is kept of it for its owner
 */
export function accountHealth(
  account: Pick<PluginAccount, 'cookie_id' | 'status' | 'need_refresh' | 'is_shared'>,
  now: number,
  quotas: readonly PluginQuota[] = [],
  hold?: Hold,
): AccountHealth {
  const isOff = hold?.isOff === true && account.need_refresh !== true
  const own = isOff ? [] : accountReasons(account)
  const ofModels = quotas.flatMap((row) => modelHealth(account.cookie_id, row, now).reasons)
  const ofHold = hold && isHeldBack(account, hold) ? [holdReason(account.cookie_id, hold, now)] : []
  const reasons = [...own, ...ofHold, ...ofModels]
  if (account.need_refresh === true) return { state: 'needs_reauthorization', reasons }
  if (account.status !== 1) return { state: 'disabled', reasons }
  return { state: ofModels.length > 0 ? 'limited' : 'ok', reasons }
}

function accountReasons(
  account: Pick<PluginAccount, 'cookie_id' | 'status' | 'need_refresh'>,
): Reason[] {
  const address = `${PREFIX}/accounts/${account.cookie_id}`
  // The plug-in never takes this mark away: enabling succeeds, and changes nothing.
  if (account.need_refresh === true) {
    return [
      {
        code: 'needs_reauthorization',
        message: `Its sign-in could not be renewed. Enabling it does not help: delete it (DELETE ${address}) and authorize it again (POST ${PREFIX}/oauth/authorize).`,
      },
    ]
  }
  if (account.status === 1) return []
  return [
    {
      code: 'disabled',
      message: `It is switched off, by you or because its upstream refused it. Enable it with PUT ${address}/status {"status": 1}.`,
    },
  ]
}

/** It is no fault of the account's: the state stays what it is. */
function holdReason(cookieId: string, { model, left, until, isOff }: Hold, now: number): Reason {
  const isAhead = until !== null && until.getTime() > now
  const change = `PUT ${PREFIX}/accounts/${cookieId}/type {"is_shared":`
  const what = left === null ? 'a little' : `${left / 100} %`
  const message = [
    `Held back for you: ${what} is left${model ? ` for ${model}` : ''}, and ${
      isOff
        ? 'it is switched off meanwhile, since this AI service cannot keep it for you alone'
        : 'you alone draw from it'
    }.`,
    `It is shared again ${isAhead ? `after ${until.toISOString()}` : 'when its quota is back'}.`,
    `To lend what is left: ${change} 1}. To take it back for good: ${change} 0}.`,
  ].join(' ')
  return {
    code: 'held_back',
    message,
    ...(model && { model }),
    ...(isAhead && { until: until.toISOString() }),
  }
}

/**
 * The plug-in switches a model off when nothing is left of it, and never on again; we do.
 *
 * @param now milliseconds since the epoch
 * @param isOwners whether it was its owner who switched it off
 */
export function modelHealth(
  cookieId: string,
  row: Pick<PluginQuota, 'model_name' | 'quota' | 'reset_time' | 'status'>,
  now: number,
  isOwners = false,
): ModelHealth {
  const model = row.model_name
  const isOn = row.status === 1
  const again = `PUT ${PREFIX}/accounts/${cookieId}/quotas/${encodeURIComponent(model)}/status {"status": 1}`
  if (row.quota !== null && row.quota <= 0) {
    const until = row.reset_time && Date.parse(row.reset_time) > now ? row.reset_time : undefined
    const message = [
      `Nothing is left for ${model}${until ? ` until ${until}` : ''}.`,
      ...(isOn
        ? []
        : [
            isOwners
              ? `You have switched it off, and it stays so: enable it with ${again}.`
              : 'The AI service has switched it off by itself; it is switched on again soon after.',
          ]),
    ].join(' ')
    const reason: Reason = { code: 'model_exhausted', message, model, ...(until && { until }) }
    return { state: 'exhausted', reasons: [reason] }
  }
  if (isOn) return { state: 'ok', reasons: [] }
  const left = row.quota === null ? '' : ` although ${row.quota} of it is left`
  const who = isOwners ? 'You have switched' : 'The AI service has switched'
  const message = `${who} ${model} off${left}. Enable it with ${again}.`
  return { state: 'disabled', reasons: [{ code: 'model_disabled', message, model }] }
}
