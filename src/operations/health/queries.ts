import { getTableColumns, getTableName, is, sql } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../../db/client.ts'
import * as schema from '../../db/schema/index.ts'

/** Every column that the Worker knows, as PostgreSQL's catalogue names it. */
function knownColumns(): { table: string; column: string }[] {
  return Object.values<unknown>(schema).flatMap((table) =>
    is(table, PgTable)
      ? Object.values(getTableColumns(table)).map(({ name }) => ({
          table: getTableName(table),
          column: name,
        }))
      : [],
  )
}

/**
 * Asks the database whether it has the tables that this Worker works with.
 *
 * @returns how many columns are missing: more than none where migrations have not been applied
 */
export async function findMissing(db: Database): Promise<number> {
  const known = JSON.stringify(knownColumns())
  const { rows } = await db.execute<{ missing: number }>(sql`
    select count(*)::int as missing
    from jsonb_to_recordset(${known}::jsonb) as known("table" text, "column" text)
    where not exists (select 1 from pg_attribute
      where attrelid = to_regclass(quote_ident(known."table"))
        and attname = known."column" and not attisdropped)`)
  return rows[0]?.missing ?? 0
}
