import * as z from 'zod'
import type { Ctx } from '../../../context.ts'
import { requirePlugin, requirePluginKey } from '../../../sharing/plugin/index.ts'

const PoolRows = z.array(z.object({ model_name: z.string() }))
const SharedPool = z.object({ quotas: z.array(z.object({ model_name: z.string() })) })

/**
 * The plug-in lists the models of the caller's own accounts, and fails where there are none, even
 * for somebody who may draw from the pool. What the pool holds is then what they may ask for.
 *
 * @returns undefined where there is no pool to draw from either
 */
export async function borrowedModels(ctx: Ctx): Promise<string[] | undefined> {
  try {
    const plugin = requirePlugin(ctx.services.plugin)
    const caller = { as: 'user', key: await requirePluginKey(ctx) } as const
    const own = await plugin.call(caller, { method: 'GET', path: '/api/quotas/user' }, PoolRows)
    if (own.length === 0) return undefined
    const path = '/api/quotas/shared-pool'
    const { quotas } = await plugin.call(caller, { method: 'GET', path }, SharedPool)
    return quotas.length > 0 ? quotas.map((row) => row.model_name) : undefined
  } catch {
    return undefined
  }
}
