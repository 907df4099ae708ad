import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { errorName } from '../../platform/logger.ts'
import { type PluginClient, PluginError } from '../../ports/plugin-client.ts'
import { deletionMarker } from './due.ts'
import {
  claimDeletions,
  nextDeletionAt,
  type PluginDeletionRow,
  removeDeletion,
} from './queries.ts'

/** Between attempts; longer than one may take, so that attempts never overlap. */
const RETRY_MS = 5 * 60_000
const BATCH = 20
/**
 * A user whose provisioning had not ended may still come into being after its person is gone: only
 * when it is not there at the second look either is there nothing to delete.
 */
const LOOKS = 2

const UserList = z.array(z.object({ user_id: z.string(), name: z.string().nullable() }))

type DeleteCtx = Pick<Ctx, 'services' | 'clock' | 'logger' | 'waitUntil'>

/** Starts after the answer has left; what does not succeed is done by cron. */
export function deletePluginUsersSoon(ctx: DeleteCtx): void {
  if (!ctx.services.plugin) return
  deletionMarker.noteSoon(ctx)
  ctx.waitUntil(
    deleteClaimed(ctx, ctx.services.plugin).catch((error: unknown) =>
      ctx.logger.log('warn', 'plugin_deletion_failed', { error: errorName(error) }),
    ),
  )
}

/** Deletes the plug-in users whose person is gone; run by cron. */
export async function deleteDuePluginUsers(ctx: DeleteCtx): Promise<number> {
  const { db, plugin } = ctx.services
  if (!plugin) return 0
  return deletionMarker.workIfDue(ctx, async () => ({
    changed: await deleteClaimed(ctx, plugin),
    nextAt: await nextDeletionAt(db),
  }))
}

async function deleteClaimed(ctx: DeleteCtx, plugin: PluginClient): Promise<number> {
  const { db } = ctx.services
  const now = ctx.clock.now()
  const due = await claimDeletions(db, new Date(now), new Date(now + RETRY_MS), BATCH)
  let deleted = 0
  for (const row of due) {
    try {
      if (!(await deleteOne(plugin, row))) continue
      await removeDeletion(db, row.pluginName)
      deleted++
    } catch (error) {
      const status = error instanceof PluginError ? error.status : undefined
      ctx.logger.log('warn', 'plugin_deletion_failed', { status, error: errorName(error) })
    }
  }
  return deleted
}

/** @returns whether nothing is left to delete */
async function deleteOne(plugin: PluginClient, row: PluginDeletionRow): Promise<boolean> {
  const userId = row.pluginUserId ?? (await findByName(plugin, row.pluginName))
  if (userId === null) return row.attempts >= LOOKS
  try {
    await plugin.call(
      { as: 'admin' },
      { method: 'DELETE', path: `/api/users/${encodeURIComponent(userId)}` },
      // A deletion is answered without data.
      z.unknown().optional(),
    )
  } catch (error) {
    if (!(error instanceof PluginError && error.status === 404)) throw error
  }
  return true
}

async function findByName(plugin: PluginClient, name: string): Promise<string | null> {
  const all = await plugin.call({ as: 'admin' }, { method: 'GET', path: '/api/users' }, UserList)
  return all.find((user) => user.name === name)?.user_id ?? null
}
