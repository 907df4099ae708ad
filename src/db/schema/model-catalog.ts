import { boolean, integer, pgTable, text } from 'drizzle-orm/pg-core'

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
})
