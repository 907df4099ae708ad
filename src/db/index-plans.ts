import { sql } from 'drizzle-orm'
import type { Database } from './client.ts'

/**
 * Keeps PostgreSQL, in the statements of a transaction that come after this one, from reading a table as a whole
 * where an index leads to the rows, and from compiling them. How many rows are in a parameter it guesses far too
 * high: by that guess either would pay, while a table that holds the history of years would be read for one call.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-query.html
 * @see https://www.postgresql.org/docs/current/jit-decision.html
 */
export function byIndexAlone(db: Database) {
  return db.execute(
    sql`select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`,
  )
}
