import { sql } from 'drizzle-orm'
import { index, jsonb, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

export const JWT_ALGORITHMS = ['HS256', 'ES256', 'RS256', 'EdDSA'] as const
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number]

/** The key ring of our tokens. At most one key of an algorithm signs; retired ones verify until their last token has expired. */
export const signingKeys = pgTable(
  'signing_keys',
  {
    /** `kid` in the tokens' header. */
    id: text('id').primaryKey(),
    /** Names the `JWT_SECRET_KEY` that the key belongs to: another one has a ring of its own. */
    ringId: text('ring_id').notNull(),
    algorithm: text('algorithm', { enum: JWT_ALGORITHMS }).notNull(),
    /** The secret parts, `v1.<kid>.<iv>.<ciphertext>`, bound to the id. */
    secretCiphertext: text('secret_ciphertext').notNull(),
    /** Null for HS256, which has no public part. */
    publicJwk: jsonb('public_jwk').$type<Record<string, string>>(),
    createdAt: timestamp('created_at', { withTimezone: true, mode: 'date' }).notNull(),
    /** It signs until then; null: it signs now. */
    retiredAt: timestamp('retired_at', { withTimezone: true, mode: 'date' }),
    /** It verifies until then; null while it signs. */
    verifiesUntil: timestamp('verifies_until', { withTimezone: true, mode: 'date' }),
  },
  (table) => [
    uniqueIndex('signing_keys_one_signs')
      .on(table.ringId, table.algorithm)
      .where(sql`${table.retiredAt} is null`),
    index('signing_keys_verifies_until_index').on(table.verifiesUntil),
  ],
)
