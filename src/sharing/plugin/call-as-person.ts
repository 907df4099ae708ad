import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { PluginError, type PluginRequest } from '../../ports/plugin-client.ts'
import { requirePlugin } from './client.ts'
import { type Meanings, toAppError } from './explain.ts'
import { requirePluginKey } from './key.ts'
import { replaceKey } from './replace-key.ts'

/**
 * One call of the plug-in as the person who asks.
 *
 * @param meanings what particular statuses of this call mean
 * @returns the answer's `data`
 * @throws {AppError} `plugin_not_configured`, `plugin_pending`, `upstream_error`,
 *   `upstream_timeout`, and what `meanings` says
 */
export async function callAsPerson<Data>(
  ctx: Ctx,
  request: PluginRequest,
  schema: z.ZodType<Data>,
  meanings: Meanings = {},
): Promise<Data> {
  const plugin = requirePlugin(ctx.services.plugin)
  const key = await requirePluginKey(ctx)
  const ask = (as: string) => plugin.call({ as: 'user', key: as }, request, schema)
  try {
    try {
      return await ask(key)
    } catch (error) {
      // Of these calls the plug-in alone says 401, and it says it of the key: nothing was done.
      if (!isKeyRefused(error)) throw error
      const { userId, pluginKeyCiphertext } = requirePerson(ctx)
      const next = await replaceKey(ctx, userId, pluginKeyCiphertext)
      if (next === null) throw error
      return await ask(next)
    }
  } catch (error) {
    throw toAppError(error, meanings)
  }
}

const isKeyRefused = (error: unknown) =>
  error instanceof PluginError && error.status === 401 && error.refusal !== null
