import * as z from 'zod'
import { type Ctx, requirePerson } from '../../../context.ts'
import { HOLDS } from '../../../db/schema/index.ts'
import { toUnits } from '../../../platform/units.ts'
import { readLent } from './lent-queries.ts'

export const LentAccount = z
  .object({
    cookie_id: z.string(),
    hold: z
      .enum(HOLDS)
      .nullable()
      .describe('How far holding it back for you has come; null: it is lent.'),
    model: z.string().nullable().describe('What fell to the reserve.'),
    quota_left: z.number().nullable().describe('Of that model, at the last look; 1 is all of it.'),
    held_until: z.iso.datetime().nullable().describe('When the quota is expected back.'),
  })
  .meta({ id: 'LentAccount' })

/** What the ledger knows of the accounts that the person lends. */
export async function listLent(ctx: Ctx): Promise<z.input<typeof LentAccount>[]> {
  const rows = await readLent(ctx.services.db, requirePerson(ctx).userId)
  return rows.map(({ cookieId, hold, model, left, until }) => ({
    cookie_id: cookieId,
    hold,
    model,
    quota_left: left === null ? null : toUnits(left),
    held_until: until?.toISOString() ?? null,
  }))
}
