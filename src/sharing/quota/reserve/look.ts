import * as z from 'zod'
import type { Ctx } from '../../../context.ts'
import { type PluginClient, PluginError, type PluginRequest } from '../../../ports/plugin-client.ts'
import { cannotTakeBack, isUsable, personOfPluginUser, pluginPath } from '../../plugin/index.ts'
import { ListedAccounts, type ListedFlags } from '../pools/listed-accounts.ts'
import { noteAccounts } from '../pools/note-accounts.ts'
import {
  endHold,
  forgetLent,
  type HoldState,
  type LentAccount,
  moveHold,
  setOwner,
} from './hold-queries.ts'
import { type Low, lowOf, QuotaRow } from './low-models.ts'

export type LookCtx = Pick<Ctx, 'services' | 'clock' | 'config' | 'random' | 'logger' | 'waitUntil'>

/** The plug-in asks upstream. */
const QUOTAS_TIMEOUT_MS = 15_000
/** How often to look, whatever the plug-in says about when a quota is back: its clock may be off. */
const SOONEST_MS = 5 * 60_000
const LATEST_MS = 3_600_000

/** An account that is looked at, and how to talk to the plug-in as its owner. */
export interface Look {
  row: LentAccount
  userId: number
  plugin: PluginClient
  /** The owner's key. */
  key: string
}

/**
 * Whose an account is that was used before its owner's list was seen.
 *
 * @returns null: nobody's any more, or nobody's of ours
 * @throws {PluginError}
 */
export async function findOwner(
  { services }: LookCtx,
  plugin: PluginClient,
  cookieId: string,
): Promise<number | null> {
  const request = { method: 'GET', path: pluginPath`/api/accounts/${cookieId}` } as const
  try {
    const { user_id } = await plugin.call(
      { as: 'admin' },
      request,
      z.object({ user_id: z.string() }),
    )
    const userId = await personOfPluginUser(services.db, user_id)
    if (userId !== null) await setOwner(services.db, cookieId, userId)
    return userId
  } catch (error) {
    if (!(error instanceof PluginError && error.status === 404)) throw error
    await forgetLent(services.db, cookieId)
    return null
  }
}

/** What an account is for the plug-in now, and what is to be written once the ledger knows. */
interface Outcome {
  isShared: number
  /** Where it was switched on or off. */
  status?: 0 | 1
  conclude(): Promise<unknown>
}

/**
 * Brings one account to where it belongs: to its owner alone while it is low, to everybody after.
 * Whoever has the lock on its owner's accounts may. What is intended is written first and confirmed
 * last, each on condition that its owner has not decided otherwise meanwhile.
 *
 * @returns whether it was switched
 * @throws {PluginError} and outages; it is to be looked at again then
 */
export async function lookAt(ctx: LookCtx, look: Look): Promise<boolean> {
  const accounts = await ask(look, { method: 'GET', path: '/api/accounts' }, ListedAccounts)
  const account = accounts.find((each) => each.cookie_id === look.row.cookieId)
  if (!account) {
    // Deleted: the list says so to the ledger, which forgets it.
    await noteAccounts(ctx, look.userId, accounts)
    return false
  }
  const isTaken = look.row.hold === 'held' || look.row.hold === 'returning'
  const step = look.row.hold === 'off' ? switchOn : isTaken ? giveBack : holdBack
  const { isShared, status = account.status, conclude } = await step(ctx, look, account)
  const changed = accounts.map((each) =>
    each === account ? { ...each, is_shared: isShared, status } : each,
  )
  await noteAccounts(ctx, look.userId, changed)
  await conclude()
  if (isShared === account.is_shared && status === account.status) return false
  const event = isShared === 1 && status === 1 ? 'account_shared_again' : 'account_held_back'
  ctx.logger.log('info', event, { user_id: look.userId })
  return true
}

const TAKING: readonly HoldState[] = ['fallen', 'taking']
const RETURNING: readonly HoldState[] = ['held', 'returning']

async function holdBack(ctx: LookCtx, look: Look, account: ListedFlags): Promise<Outcome> {
  const { db } = ctx.services
  const { cookieId, hold, until } = look.row
  const isShared = account.is_shared
  const end = () => endHold(db, cookieId, TAKING)
  const confirm = (back: Date | null) => () =>
    moveHold(db, cookieId, ['taking'], { hold: 'held', ...nextLook(ctx, back) })
  if (isShared !== 1) {
    // Ours, if we had begun: a run was broken off. Else its owner has taken it back.
    return { isShared, conclude: hold === 'taking' ? confirm(until) : end }
  }
  const confirmOff = (back: Date | null) => () =>
    moveHold(db, cookieId, ['taking'], { hold: 'off', ...nextLook(ctx, back) })
  if (hold === 'taking' && account.status === 0 && account.need_refresh !== true) {
    // Ours, as above.
    return { isShared, conclude: confirmOff(until) }
  }
  const low = isUsable(account) ? await lowNow(ctx, look) : null
  if (!low) return { isShared, conclude: end }
  if (!(await moveHold(db, cookieId, TAKING, { hold: 'taking', ...low }))) return asItIs(isShared)
  if (await takeBack(look)) return { isShared: 0, conclude: confirm(low.until) }
  await setStatus(look, 0)
  return { isShared, status: 0, conclude: confirmOff(low.until) }
}

/** @returns false where the plug-in cannot */
async function takeBack(look: Look): Promise<boolean> {
  try {
    await switchTo(look, 0)
    return true
  } catch (error) {
    if (cannotTakeBack(error)) return false
    throw error
  }
}

const OFF: readonly HoldState[] = ['off']

/** One that was switched off, where it could not be made dedicated, is used again. */
async function switchOn(ctx: LookCtx, look: Look, account: ListedFlags): Promise<Outcome> {
  const { db } = ctx.services
  const { cookieId } = look.row
  const isShared = account.is_shared
  // Somebody has taken it back, or switched it on, at the plug-in itself.
  if (isShared !== 1) return { isShared, conclude: () => endHold(db, cookieId, OFF) }
  if (account.status === 1) {
    const waived = { hold: 'waived', lookAt: null, attempts: 0 } as const
    return { isShared, conclude: () => moveHold(db, cookieId, OFF, waived) }
  }
  const low = await lowNow(ctx, look)
  const still = { hold: 'off', ...low, ...nextLook(ctx, low?.until ?? null) } as const
  if (low) return { isShared, conclude: () => moveHold(db, cookieId, OFF, still) }
  if (!(await moveHold(db, cookieId, OFF, { hold: 'off' }))) return asItIs(isShared)
  await setStatus(look, 1)
  return { isShared, status: 1, conclude: () => endHold(db, cookieId, OFF) }
}

async function giveBack(ctx: LookCtx, look: Look, account: ListedFlags): Promise<Outcome> {
  const { db } = ctx.services
  const { cookieId, hold } = look.row
  const isShared = account.is_shared
  const end = () => endHold(db, cookieId, RETURNING)
  if (isShared === 1) {
    // Ours, if we had begun. Else somebody has shared it at the plug-in itself, and means it.
    const waived = { hold: 'waived', lookAt: null, attempts: 0 } as const
    const waive = () => moveHold(db, cookieId, RETURNING, waived)
    return { isShared, conclude: hold === 'returning' ? end : waive }
  }
  const low = await lowNow(ctx, look)
  if (low) {
    const still = { hold: 'held', ...low, ...nextLook(ctx, low.until) } as const
    return { isShared, conclude: () => moveHold(db, cookieId, RETURNING, still) }
  }
  if (!(await moveHold(db, cookieId, RETURNING, { hold: 'returning' }))) return asItIs(isShared)
  await switchTo(look, 1)
  return { isShared: 1, conclude: end }
}

/** Its owner was quicker, and has seen to everything. */
const asItIs = (isShared: number): Outcome => ({ isShared, conclude: async () => undefined })

/** Of an account that is left alone from now on until it may be back. */
function nextLook({ clock }: LookCtx, until: Date | null): { lookAt: Date; attempts: number } {
  const inMs = (until?.getTime() ?? 0) - clock.now()
  const waitMs = Math.min(Math.max(inMs, SOONEST_MS), LATEST_MS)
  return { lookAt: new Date(clock.now() + waitMs), attempts: 0 }
}

async function lowNow({ config }: LookCtx, look: Look): Promise<Low | null> {
  // Without a reserve there is nothing to ask for.
  if (config.LENDER_RESERVE === 0) return null
  const path = pluginPath`/api/accounts/${look.row.cookieId}/quotas`
  const request = { method: 'GET', path, timeoutMs: QUOTAS_TIMEOUT_MS } as const
  return lowOf(await ask(look, request, z.array(QuotaRow)), config.LENDER_RESERVE, look.row.model)
}

function switchTo(look: Look, isShared: 0 | 1): Promise<unknown> {
  const path = pluginPath`/api/accounts/${look.row.cookieId}/type`
  return ask(look, { method: 'PUT', path, body: { is_shared: isShared } }, z.unknown())
}

function setStatus(look: Look, status: 0 | 1): Promise<unknown> {
  const path = pluginPath`/api/accounts/${look.row.cookieId}/status`
  return ask(look, { method: 'PUT', path, body: { status } }, z.unknown())
}

function ask<Data>(
  { plugin, key }: Look,
  request: PluginRequest,
  schema: z.ZodType<Data>,
): Promise<Data> {
  return plugin.call({ as: 'user', key }, request, schema)
}
