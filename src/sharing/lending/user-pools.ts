import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { callAsPerson } from '../plugin/index.ts'
import { PluginPool } from './quota-schemas.ts'

/** The plug-in's own pools of the person, the fullest first; none before they have lent an account. */
export function readUserPools(ctx: Ctx): Promise<z.output<typeof PluginPool>[]> {
  return callAsPerson(ctx, { method: 'GET', path: '/api/quotas/user' }, z.array(PluginPool))
}
