import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { callAsPerson, findPluginAccount, pluginPath, requirePluginKey } from '../plugin/index.ts'
import { ALL_GROUPS, noteOwn } from '../quota/index.ts'
import { ChangedPreference, Preference } from './schemas.ts'

/** Which accounts the person's calls go to first. */
export function getPreference(ctx: Ctx): Promise<z.output<typeof Preference>> {
  return callAsPerson(ctx, { method: 'GET', path: '/api/user/me' }, Preference)
}

/** An order, never an exclusion: the plug-in turns to the others where the first ones cannot. */
export async function setPreference(
  ctx: Ctx,
  preferShared: number,
): Promise<z.output<typeof ChangedPreference>> {
  // Makes an account at the AI service, should there be none yet.
  await requirePluginKey(ctx)
  const row = await findPluginAccount(ctx.services.db, requirePerson(ctx).userId)
  if (!row?.pluginUserId) throw new AppError('plugin_pending', undefined, { retryAfterSeconds: 5 })
  const { userId } = requirePerson(ctx)
  // Before it is changed, so that nobody is let through by what was true before.
  await noteOwn(ctx, userId, preferShared === 1 ? [ALL_GROUPS] : null)
  return callAsPerson(
    ctx,
    {
      method: 'PUT',
      path: pluginPath`/api/users/${row.pluginUserId}/preference`,
      body: { prefer_shared: preferShared },
    },
    ChangedPreference,
  )
}
