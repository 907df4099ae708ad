import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { errorName } from '../../platform/logger.ts'
import { type PluginClient, PluginError } from '../../ports/plugin-client.ts'
import { provisioningMarker } from './due.ts'
import { pluginKeyOwner } from './key-owner.ts'
import {
  claimAttempt,
  listDue,
  markReady,
  nextPendingAt,
  type PluginAccountRow,
  releaseClaim,
} from './queries.ts'

/** Longer than the two or three calls of one attempt may take, so that attempts never overlap. */
const CLAIM_MS = 60_000
/** A lost answer may still be on its way to becoming a user; give it a moment. */
const UNCERTAIN_RETRY_MS = 1_000
const BATCH = 20

const CreatedUser = z.object({ user_id: z.string().min(1), api_key: z.string().min(1) })
const UserList = z.array(
  z.object({ user_id: z.string(), name: z.string().nullable(), created_at: z.string() }),
)

type ProvisionCtx = Pick<Ctx, 'services' | 'clock' | 'logger' | 'waitUntil'>

/** Starts provisioning after the answer has left; whether it succeeds is of no concern to the caller. */
export function provisionSoon(ctx: ProvisionCtx, userId: number): void {
  if (ctx.services.plugin) ctx.waitUntil(provision(ctx, userId))
}

/** Makes another attempt for everybody who is due; run by cron. */
export async function provisionDue(ctx: ProvisionCtx): Promise<number> {
  const { db, plugin } = ctx.services
  if (!plugin) return 0
  return provisioningMarker.workIfDue(ctx, async () => {
    const due = await listDue(db, new Date(ctx.clock.now()), BATCH)
    let changed = 0
    for (const userId of due) if (await provision(ctx, userId)) changed++
    return { changed, nextAt: await nextPendingAt(db) }
  })
}

/**
 * One attempt to give a person their plug-in user. The plug-in's "create" is not idempotent and its
 * answer can be lost, so every attempt after the first looks for our unique name before it creates.
 *
 * @returns whether the person has a plug-in key now through this attempt
 */
export async function provision(ctx: ProvisionCtx, userId: number): Promise<boolean> {
  const { db, plugin, secretBox } = ctx.services
  if (!plugin) return false
  const now = ctx.clock.now()
  let claim: PluginAccountRow | null = null
  try {
    claim = await claimAttempt(db, userId, new Date(now), new Date(now + CLAIM_MS))
    if (!claim) return false
    const user =
      claim.attempts === 1 ? await createUser(plugin, claim) : await findOrCreateUser(plugin, claim)
    const keyCiphertext = await secretBox.seal(user.api_key, pluginKeyOwner(userId))
    await forgetPerson(ctx, userId)
    const isStored = await markReady(db, claim, {
      pluginUserId: user.user_id,
      keyCiphertext,
      now: new Date(ctx.clock.now()),
    })
    forgetPersonHere(userId)
    return isStored
  } catch (error) {
    const status = error instanceof PluginError ? error.status : undefined
    ctx.logger.log('warn', 'plugin_provisioning_failed', {
      user_id: userId,
      status,
      error: errorName(error),
    })
    if (claim && error instanceof PluginError) await giveBack(ctx, claim, error)
    await provisioningMarker.note(ctx).catch(() => undefined)
    return false
  }
}

/** Lets the next use, or cron, try again soon; should this fail too, the claim runs out by itself. */
async function giveBack(
  ctx: ProvisionCtx,
  claim: PluginAccountRow,
  error: PluginError,
): Promise<void> {
  const delayMs = error.isUncertain ? UNCERTAIN_RETRY_MS : 0
  await releaseClaim(ctx.services.db, claim, new Date(ctx.clock.now() + delayMs)).catch(
    () => undefined,
  )
}

function createUser(plugin: PluginClient, claim: PluginAccountRow) {
  return plugin.call(
    { as: 'admin' },
    { method: 'POST', path: '/api/users', body: { name: claim.pluginName } },
    CreatedUser,
  )
}

async function findOrCreateUser(plugin: PluginClient, claim: PluginAccountRow) {
  const all = await plugin.call({ as: 'admin' }, { method: 'GET', path: '/api/users' }, UserList)
  const existing = all.find((user) => user.name === claim.pluginName)
  if (!existing) return createUser(plugin, claim)
  return plugin.call(
    { as: 'admin' },
    { method: 'POST', path: `/api/users/${encodeURIComponent(existing.user_id)}/regenerate-key` },
    CreatedUser,
  )
}
