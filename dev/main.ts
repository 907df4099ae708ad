import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isSettingName, parseConfig } from '../src/config.ts'
import { describe } from './seed/describe.ts'
import { type Demo, seed } from './seed/seed.ts'
import { startCron } from './stack/cron.ts'
import { type DevFile, readDevFile, writeDevFile } from './stack/dev-file.ts'
import { readDevVars, readSettings, type StackSettings } from './stack/settings.ts'
import { type Stack, startStack } from './stack/stack.ts'
import { readWranglerConfig } from './worker/server.ts'

const PARENT_CHECK_MS = 250

/** `npm run dev`: the whole system on this machine. `--fresh` starts over. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } })
  const environment = { ...(await readDevVars()), ...process.env }
  if (values.fresh)
    await rm(resolve(environment.DATA_DIR || '.data'), { recursive: true, force: true })

  const settings = await readSettings(environment, Object.keys(environment).filter(isSettingName))
  let stack: Stack | undefined
  let cron: { stop(): void } | undefined
  let isEnding = false
  const end = async (status: number) => {
    if (isEnding) return
    isEnding = true
    console.log('\nStopping …')
    cron?.stop()
    await stack?.stop()
    process.exit(status)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void end(0))
  // Killed without a word, npm leaves this process to somebody else.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && void end(0), PARENT_CHECK_MS).unref()

  const earlier = await readDevFile(settings.dataDir)
  let demo: Demo | null = null
  stack = await startStack(settings, {
    watch: true,
    onProgress: (message) => console.log(message),
    onRestart: () => {
      if (stack) void writeDevFile(settings.dataDir, facts(settings, stack, demo))
    },
  })

  // The Worker would say so at the first call.
  parseConfig(stack.bindings)
  console.log('Looking after the demo …')
  demo = await seed({
    bindings: stack.bindings,
    hasStandIn: stack.plugin !== undefined,
    earlier: earlier && demoOf(earlier),
  })
  await writeDevFile(settings.dataDir, facts(settings, stack, demo))
  cron = startCron(stack.worker.url, (await readWranglerConfig()).triggers.crons)
  console.log(describe(stack, demo))
}

function demoOf({ admin, user, api_key }: DevFile): Demo | null {
  return admin && user && api_key ? { admin, user, apiKey: api_key } : null
}

function facts(settings: StackSettings, stack: Stack, demo: Demo | null): DevFile {
  const { bindings } = stack
  const address = (part: Stack['database']) => (part ? { url: part.url, pid: part.pid() } : null)
  return {
    base_url: stack.worker.url,
    openai_base_url: `${stack.worker.url}/v1`,
    admin: demo?.admin ?? null,
    user: demo?.user ?? null,
    api_key: demo?.apiKey ?? null,
    database_url: bindings.DATABASE_URL ?? '',
    neon_endpoint: bindings.NEON_FETCH_ENDPOINT ?? null,
    redis_rest_url: bindings.UPSTASH_REDIS_REST_URL ?? null,
    redis_rest_token: bindings.UPSTASH_REDIS_REST_TOKEN ?? null,
    plugin_api_base_url: bindings.PLUGIN_API_BASE_URL ?? null,
    plugin_api_admin_key: settings.plugin?.adminKey ?? null,
    parts: {
      worker: address(stack.worker),
      database: address(stack.database),
      redis: address(stack.redis),
      plugin: address(stack.plugin),
      mail: address(stack.mail),
    },
    pid: process.pid,
  }
}

main().catch((error: unknown) => {
  console.error(`dev: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
