import { asc, eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/client.ts'
import { modelCatalog } from '../../db/schema/index.ts'

export type ModelRow = typeof modelCatalog.$inferSelect
export type ModelChanges = Partial<Omit<ModelRow, 'id'>>

/** Everything that an administrator has said about models. */
export function listModelRows(db: Database): Promise<ModelRow[]> {
  return db.select().from(modelCatalog).orderBy(asc(modelCatalog.id))
}

/** Creates the row, or changes what is named in `changes` and leaves the rest. */
export function upsertModel(db: Database, created: ModelRow, changes: ModelChanges) {
  const insert = db.insert(modelCatalog).values(created)
  const { id } = modelCatalog
  return Object.keys(changes).length > 0
    ? insert.onConflictDoUpdate({ target: id, set: changes }).returning()
    : // Nothing to change, but the row is wanted.
      insert.onConflictDoUpdate({ target: id, set: { id: created.id } }).returning()
}

export function removeModel(db: Database, id: string) {
  return db.delete(modelCatalog).where(eq(modelCatalog.id, id)).returning({ id: modelCatalog.id })
}

/** Whether there is such a row, for a statement beside its removal. */
export function modelExists(id: string) {
  return sql`exists (select 1 from ${modelCatalog} where ${modelCatalog.id} = ${id})`
}
