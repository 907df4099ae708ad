import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { findPluginAccount } from '../plugin/index.ts'
import type { PluginKey } from './schemas.ts'

/**
 * State of the person's account at the AI service; never its key.
 *
 * @throws {AppError} `not_found`
 */
export async function getPluginKey(ctx: Ctx): Promise<z.input<typeof PluginKey>> {
  const row = await findPluginAccount(ctx.services.db, requirePerson(ctx).userId)
  if (!row) throw new AppError('not_found', 'You have no account at the AI service.')
  return {
    id: row.userId,
    user_id: row.userId,
    plugin_user_id: row.pluginUserId,
    state: row.state,
    is_active: row.state === 'ready',
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}
