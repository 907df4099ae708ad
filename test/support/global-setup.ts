import { execFileSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { TestProject } from 'vitest/node'
import { readSettings } from '../../dev/stack/settings.ts'
import { startStack } from '../../dev/stack/stack.ts'
import { bundleForTests, bundleOfTests } from './bundle.ts'
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
    /** One for each test file that runs at the same time. */
    stacks: SharedStack[]
    /** Number of the project's first Redis database, counted from that of `REDIS_URL`. */
    firstRedisDatabase: number
    /** Settings of the Worker that are not those of a local stack. */
    settings: Record<string, string>
  }
}

/** Set once they are there: each project of a run has this set-up of its own. */
const ASSETS_MADE = 'SHARED_ACCOUNTS_TEST_ASSETS'

/**
 * Starts as many local stacks as test files run at the same time, so that each file has one to itself
 * while it runs: on the embedded stores, or on the real ones that `DATABASE_URL` and `REDIS_URL`
 * name. There each has a database of its own, and one of the Redis databases from that of the URL
 * on, which is emptied.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!process.env[ASSETS_MADE]) execFileSync('npm', ['run', '--silent', 'build:assets'])
  process.env[ASSETS_MADE] = 'yes'
  await bundleForTests()
  const running: RunningStack[] = []
  const stopAll = async () => {
    const leaks = (await Promise.all(running.map((one) => one.stop()))).flat()
    // vitest only prints what a teardown throws.
    if (leaks.length > 0) process.exitCode = 1
    if (leaks.length > 0) throw new Error(`The Worker's log holds:\n${leaks.join('\n')}`)
  }
  const { firstRedisDatabase, settings } = project.getProvidedContext()
  try {
    for (let index = 0; index < project.config.maxWorkers; index++)
      running.push(await startOne(firstRedisDatabase + index, settings))
  } catch (error) {
    await stopAll()
    throw error
  }
  project.provide(
    'stacks',
    running.map(({ shared }) => shared),
  )
  return stopAll
}

interface RunningStack {
  shared: SharedStack
  /** @returns what its Worker's log should not hold */
  stop(): Promise<string[]>
}

async function startOne(
  redisDatabase: number,
  settings: Record<string, string>,
): Promise<RunningStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'shared-accounts-test-'))
  const database = process.env.DATABASE_URL && (await createDatabase(process.env.DATABASE_URL))
  const redisUrl = process.env.REDIS_URL && (await emptyRedis(process.env.REDIS_URL, redisDatabase))
  const stackSettings = await readSettings(
    {
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database ? database.url : undefined,
      REDIS_URL: redisUrl,
      LOG_LEVEL: 'debug',
      ...settings,
    },
    ['LOG_LEVEL', ...Object.keys(settings)],
  )
  const logFile = join(dataDir, 'worker.log')
  const log = await open(logFile, 'a')
  const stack = await startStack(stackSettings, {
    silent: true,
    workerLog: log.fd,
    workerBundle: bundleOfTests(),
  })
  return {
    shared: {
      baseUrl: stack.worker.url,
      bindings: stack.bindings,
      databaseUrl: stack.database?.url ?? '',
      redisUrl: stack.redis?.url ?? '',
      pluginUrl: stack.plugin?.url ?? '',
      pluginAdminKey: stackSettings.plugin?.adminKey ?? '',
      mailUrl: stack.mail?.url ?? '',
    },
    async stop() {
      await stack.stop()
      await log.close()
      const leaks = leaksInLog(await readFile(logFile, 'utf8'), secretsOf(stack.bindings))
      if (database) await database.drop()
      await rm(dataDir, { recursive: true, force: true })
      return leaks
    },
  }
}

/** Empties the Redis database that is so many after the URL's. @returns its own URL */
async function emptyRedis(given: string, offset: number): Promise<string> {
  const url = new URL(given)
  url.pathname = `/${Number(url.pathname.slice(1) || 0) + offset}`
  const redis = new Redis(url.href)
  await redis.flushdb()
  await redis.quit()
  return url.href
}
