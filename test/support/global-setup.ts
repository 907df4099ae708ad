import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { TestProject } from 'vitest/node'
import { readSettings } from '../../dev/stack/settings.ts'
import { startStack } from '../../dev/stack/stack.ts'
import { createDatabase } from './databases.ts'

/** What the tests know about the stack that they share. */
export interface SharedStack {
  baseUrl: string
  /** What the Worker was given; a test's own Worker starts from it. */
  bindings: Record<string, string>
  databaseUrl: string
  redisUrl: string
  pluginUrl: string
  pluginAdminKey: string
  mailUrl: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack
  }
}

/**
 * Starts one local stack for all tests of the project, on the embedded stores, or on the real ones
 * that `DATABASE_URL` and `REDIS_URL` name: there in a database of its own, and in the Redis
 * database of the URL, which is emptied.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-test-'))
  const database = process.env.DATABASE_URL && (await createDatabase(process.env.DATABASE_URL))
  if (process.env.REDIS_URL) await emptyRedis(process.env.REDIS_URL)
  execFileSync('npm', ['run', '--silent', 'build:assets'])

  const settings = await readSettings(
    {
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database ? database.url : undefined,
      REDIS_URL: process.env.REDIS_URL,
      LOG_LEVEL: 'error',
    },
    ['LOG_LEVEL'],
  )
  const stack = await startStack(settings, { silent: true })
  project.provide('stack', {
    baseUrl: stack.worker.url,
    bindings: stack.bindings,
    databaseUrl: stack.database?.url ?? '',
    redisUrl: stack.redis?.url ?? '',
    pluginUrl: stack.plugin?.url ?? '',
    pluginAdminKey: settings.plugin?.adminKey ?? '',
    mailUrl: stack.mail?.url ?? '',
  })
  return async () => {
    await stack.stop()
    if (database) await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  await redis.quit()
}
