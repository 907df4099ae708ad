import { sql } from 'drizzle-orm'
import type { Database } from './client.ts'

/**
 * Keeps PostgreSQL from compiling the statements of a transaction that come after this one. How many rows are
 * in a parameter it guesses far too high: compiling what they are joined with would take longer than doing it.
 *
 * @see https://www.postgresql.org/docs/current/jit-decision.html
 */
export function withoutJit(db: Database) {
  return db.execute(sql`select set_config('jit', 'off', true)`)
}
