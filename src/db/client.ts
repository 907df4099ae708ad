import { drizzle } from 'drizzle-orm/neon-http'
import { createNeon } from './neon.ts'
import * as schema from './schema/index.ts'

const QUERY_TIMEOUT_MS = 2_500

/**
 * The database over Neon HTTP. No interactive transactions: atomic work is one statement or
 * `db.batch`. A call that does not answer in time fails like one that could not connect.
 */
export function createDatabase(connectionString: string, fetchEndpoint?: string) {
  const client = createNeon(connectionString, fetchEndpoint, { timeoutMs: QUERY_TIMEOUT_MS })
  return drizzle({ client, schema })
}

export type Database = ReturnType<typeof createDatabase>
