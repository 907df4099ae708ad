import * as z from 'zod'

/** The largest id: what fits its column. */
export const MAX_ID = 2_147_483_647

/** An id of ours in an address: a whole number that PostgreSQL takes for one. */
export const IdInput = z.coerce.number().int().positive().max(MAX_ID)
