import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'

/** The protocols by which a model may be asked for; `any` is whichever. */
export const FACES = ['any', 'chat', 'messages', 'responses', 'gemini'] as const

export type Face = (typeof FACES)[number]
/** Model by face. */
export type StandsFor = Partial<Record<Face, string>>

/** What is known of a model beside its name; a model that is not in here has defaults. */
export const modelCatalog = pgTable('model_catalog', {
  /** Name by which clients ask for it. */
  id: text('id').primaryKey(),
  /** Models of one group draw from one pool. */
  groupName: text('group_name').notNull(),
  /** What one token of it counts, in 1/10,000. */
  weight: integer('weight').notNull().default(10_000),
  isEnabled: boolean('is_enabled').notNull().default(true),
  /** What one request is expected to use, in 1/10,000 unit; null: as configured. */
  requestEstimate: integer('request_estimate'),
  /** The model that is meant by this name, by face; null: itself. */
  standsFor: jsonb('stands_for').$type<StandsFor>(),
})
