import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../dev/stack/settings.ts'
import { type Stack, startStack } from '../../dev/stack/stack.ts'
import { createNeon, type NeonClient } from '../../src/db/neon.ts'
import { bundleOfTests } from './bundle.ts'
import { createDatabase } from './databases.ts'

/** A whole stack of a test's own, for what concerns everybody in a database. */
export interface OwnStack extends AsyncDisposable {
  baseUrl: string
  sql: NeonClient
  stack: Stack
}

/** Starts one on an empty database; real servers are used where the shared stack uses them, but for Redis. */
export async function ownStack(settings: Record<string, string> = {}): Promise<OwnStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-own-'))
  const database = process.env.DATABASE_URL && (await createDatabase(process.env.DATABASE_URL))
  const environment = {
    PORT: '0',
    DATA_DIR: dataDir,
    DATABASE_URL: database ? database.url : undefined,
    LOG_LEVEL: 'error',
    ...settings,
  }
  const stack = await startStack(
    await readSettings(environment, ['LOG_LEVEL', ...Object.keys(settings)]),
    { silent: true, workerBundle: bundleOfTests() },
  )
  return {
    baseUrl: stack.worker.url,
    sql: createNeon(stack.bindings.DATABASE_URL ?? '', stack.bindings.NEON_FETCH_ENDPOINT),
    stack,
    async [Symbol.asyncDispose]() {
      await stack.stop()
      if (database) await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
