import { NeonDbError } from '@neondatabase/serverless'
import { DrizzleQueryError } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { drizzle } from 'drizzle-orm/neon-http'
import { storeCallMs } from '../platform/store-time.ts'
import { createNeon } from './neon.ts'
import * as schema from './schema/index.ts'

/**
 * The database over Neon HTTP. No interactive transactions: atomic work is one statement or
 * `db.batch`. A call that does not answer in time fails like one that could not connect.
 */
export function createDatabase(connectionString: string, fetchEndpoint?: string) {
  const client = createNeon(connectionString, fetchEndpoint, { timeoutMs: storeCallMs })
  const db = drizzle({ client, schema })
  const batch = db.batch.bind(db) as (statements: readonly BatchItem<'pg'>[]) => Promise<unknown[]>
  // Unlike the failure of a single statement, that of a batch comes bare, and could be anybody's.
  db.batch = (async (statements: readonly BatchItem<'pg'>[]) => {
    try {
      return await batch(statements)
    } catch (cause) {
      if (cause instanceof NeonDbError || !(cause instanceof Error)) throw cause
      throw new DrizzleQueryError('batch', [], cause)
    }
  }) as typeof db.batch
  return db
}

export type Database = ReturnType<typeof createDatabase>
