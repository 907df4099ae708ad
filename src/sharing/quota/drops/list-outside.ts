import * as z from 'zod'
import { type Ctx, requirePerson } from '../../../context.ts'
import { toUnits } from '../../../platform/units.ts'
import { readOutsideUse } from './outside-queries.ts'

const DAY_MS = 86_400_000

export const OutsideUse = z
  .object({
    cookie_id: z.string(),
    group: z.string().describe('The models that the vendor measures together.'),
    at: z.iso.datetime().describe('When it was seen, on the clock of the plug-in.'),
    amount: z.number().describe('Of the quota of the account; 1 is all of it.'),
  })
  .meta({ id: 'OutsideUse' })

export const OutsideQuery = z.object({
  days: z.coerce.number().int().min(1).max(90).default(30),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

/** What the person's accounts lost beyond what calls through this service can have used. */
export async function listOutside(
  ctx: Ctx,
  { days, limit }: z.output<typeof OutsideQuery>,
): Promise<z.input<typeof OutsideUse>[]> {
  const since = new Date(ctx.clock.now() - days * DAY_MS)
  const rows = await readOutsideUse(ctx.services.db, requirePerson(ctx).userId, since, limit)
  return rows.map(({ cookieId, meter, at, amount }) => ({
    cookie_id: cookieId,
    group: meter,
    at,
    amount: toUnits(amount),
  }))
}
