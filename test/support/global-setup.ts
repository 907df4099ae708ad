import { execFileSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { TestProject } from 'vitest/node'
import { readSettings } from '../../dev/stack/settings.ts'
import { startStack } from '../../dev/stack/stack.ts'
import { createDatabase } from './databases.ts'
import { leaksInLog, secretsOf } from './leaks.ts'

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
      LOG_LEVEL: 'debug',
    },
    ['LOG_LEVEL'],
  )
  const logFile = join(dataDir, 'worker.log')
  const log = await open(logFile, 'a')
  const stack = await startStack(settings, { silent: true, workerLog: log.fd })
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
    await log.close()
    const leaks = leaksInLog(await readFile(logFile, 'utf8'), secretsOf(stack.bindings))
    if (database) await database.drop()
    await rm(dataDir, { recursive: true, force: true })
    // vitest only prints what a teardown throws.
    if (leaks.length > 0) process.exitCode = 1
    if (leaks.length > 0) throw new Error(`The Worker's log holds:\n${leaks.join('\n')}`)
  }
}

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.flushdb()
  await redis.quit()
}
