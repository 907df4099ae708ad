import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { PluginRequest } from '../../ports/plugin-client.ts'
import { requirePlugin } from './client.ts'
import { type Meanings, toAppError } from './explain.ts'
import { requirePluginKey } from './key.ts'

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
  try {
    return await plugin.call({ as: 'user', key }, request, schema)
  } catch (error) {
    throw toAppError(error, meanings)
  }
}
