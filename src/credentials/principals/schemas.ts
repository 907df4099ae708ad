import * as z from 'zod'
import { ROLES } from '../../db/schema/users.ts'
import { SCOPES } from '../../scopes.ts'

/** What every credential of one person shares; a change to it acts on all of them at once. */
export const Person = z.object({
  userId: z.int(),
  username: z.string(),
  role: z.enum(ROLES),
  trustLevel: z.int(),
  isActive: z.boolean(),
  /** When the ban that makes them inactive ends, in milliseconds since the epoch; null: no ban, or for good. */
  banEndsAt: z.number().nullable(),
  isSilenced: z.boolean(),
  /** What was begun under an earlier number has ended. */
  tenure: z.int(),
  keyTenure: z.int(),
  pluginKeyCiphertext: z.string().nullable(),
})
export type Person = z.output<typeof Person>

export const KeyRecord = z.object({
  apiKeyId: z.int(),
  userId: z.int(),
  configType: z.string(),
  scopes: z.array(z.enum(SCOPES)).nullable(),
  /** The role of its owner when it was made: the key never may more. */
  madeAs: z.enum(ROLES),
  /** Its owner's `keyTenure` when it was made. */
  tenure: z.int(),
  limits: z.object({
    models: z.array(z.string()).nullable(),
    requestsPerMinute: z.int().nullable(),
    quotaPerDay: z.int().nullable(),
    quotaPerMonth: z.int().nullable(),
  }),
  /** False: its owner has switched it off. */
  isActive: z.boolean(),
  /** Milliseconds since the epoch. */
  expiresAt: z.number().nullable(),
})

export type KeyRecord = z.output<typeof KeyRecord>

/** What the gate has to know about a key and its owner. */
export interface KeyPrincipal {
  record: KeyRecord
  person: Person
}
