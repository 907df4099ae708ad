import * as z from 'zod'

/** An account of the plug-in's list, as far as the ledger has to know it. */
const Listed = z.object({
  cookie_id: z.string(),
  is_shared: z.coerce.number(),
  status: z.coerce.number(),
  need_refresh: z.boolean().nullish(),
})
export type ListedFlags = z.output<typeof Listed>

export const ListedAccounts = z.array(Listed)
