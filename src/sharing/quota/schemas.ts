import * as z from 'zod'
import { LEDGER_KINDS } from '../../db/schema/index.ts'

const units = z
  .number()
  .describe('In units, with four decimals; 1 is the whole quota of one account.')
const seconds = z.number().nullable().describe('In seconds; null: never.')

export const PoolView = z
  .object({
    group: z.string().describe('Models of one group draw from one pool. "*": any other group.'),
    balance: units,
    frozen: units.describe('Earned, but above a ceiling that has come down since.'),
    reserved: units.describe('Held for calls that are under way, or about to come.'),
    available: units.describe('What the next call may draw: the balance less what is reserved.'),
    ceiling: units,
    recovers_per_hour: units,
    full_in: seconds,
    next_request_in: seconds.describe('Seconds until there is enough for one more request.'),
  })
  .meta({ id: 'Pool' })

export const Quotas = z
  .object({
    ceiling: units,
    recovers_per_hour: units,
    accounts: z.object({
      shared: z
        .int()
        .describe('Usable accounts that you lend to everybody, those included that are held back.'),
      dedicated: z.int().describe('Usable accounts that you alone draw from.'),
      held_back: z
        .int()
        .describe('Of those that you lend: how many are yours alone until their quota is back.'),
    }),
    pools: z.array(PoolView),
  })
  .meta({ id: 'Quotas', description: 'What you may draw from the pool of lent accounts.' })

export const LedgerEntry = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    group: z.string(),
    kind: z.enum(LEDGER_KINDS),
    amount: units,
    balance_after: units,
    model: z.string().nullable(),
  })
  .meta({ id: 'LedgerEntry' })

export const LedgerPage = z
  .object({
    items: z.array(LedgerEntry),
    next_cursor: z.string().nullable().describe('Give it as "cursor" to read on; null at the end.'),
  })
  .meta({ id: 'LedgerPage' })

export const LedgerQuery = z.object({
  group: z.string().min(1).max(200).optional(),
  kind: z.enum(LEDGER_KINDS).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,16}$/, 'Give a "next_cursor" of an earlier answer.')
    .transform(Number)
    .pipe(z.int().positive())
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
