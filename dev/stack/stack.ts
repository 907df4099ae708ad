import { createServer } from 'node:net'
import { join } from 'node:path'
import { migrate } from '../../src/db/migrator.ts'
import { readMigrations } from '../cli/migrations.ts'
import type { MailOptions } from '../mail/server.ts'
import type { NeonOptions } from '../neon/server.ts'
import type { PluginOptions } from '../plugin/server.ts'
import type { UpstashOptions } from '../upstash/server.ts'
import type { WorkerOptions } from '../worker/server.ts'
import type { StackSettings } from './settings.ts'
import { type SupervisedPart, supervise } from './supervisor.ts'

const DEV = join(import.meta.dirname, '..')

/** The running local stack. */
export interface Stack {
  worker: SupervisedPart
  /** What the Worker was given. */
  bindings: Record<string, string>
  /** Absent where a service of the operator's is used instead. */
  database: SupervisedPart | undefined
  redis: SupervisedPart | undefined
  plugin: SupervisedPart | undefined
  mail: SupervisedPart | undefined
  stop(): Promise<void>
}

interface StackEvents {
  /** Told what is being done, for people who wait. */
  onProgress?: (message: string) => void
  onRestart?: () => void
  watch?: boolean
  silent?: boolean
  /** The Worker's bundle, where it was made before; bundled now when absent. */
  workerBundle?: string
  /** An open file that receives the Worker's log. */
  workerLog?: number
}

/**
 * Starts the stores, the stand-in plug-in API, the mail outbox and the Worker, each in a process of its own.
 *
 * @throws {Error} in one line; whatever had been started is stopped again
 */
export async function startStack(settings: StackSettings, events: StackEvents): Promise<Stack> {
  const parts: SupervisedPart[] = []
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop()
  }
  const start = async <Options extends { port?: number }>(
    name: string,
    folder: string,
    options: Options,
    output?: number,
  ) => {
    const part = await supervise({
      name,
      entry: join(DEV, folder, 'main.ts'),
      options,
      onRestart: () => events.onRestart?.(),
      output,
      ...(events.silent && { silent: true }),
    })
    parts.push(part)
    return part
  }

  try {
    events.onProgress?.('Starting the database, Redis and the plug-in API …')
    // One after the other: a failure must not leave another part half-started.
    const database =
      settings.neon && (await start<NeonOptions>('The database', 'neon', settings.neon))
    const redis =
      settings.upstash && (await start<UpstashOptions>('Redis', 'upstash', settings.upstash))
    const plugin =
      settings.plugin &&
      (await start<PluginOptions>('The stand-in plug-in API', 'plugin', settings.plugin))
    const mail =
      settings.mail && (await start<MailOptions>('The mail outbox', 'mail', settings.mail))
    // The Worker has to know its own address before it listens: mails link to it.
    const port = settings.port || (await freePort())
    const bindings: Record<string, string> = {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ...settings.bindings,
      ...(database && { NEON_FETCH_ENDPOINT: `${database.url}/sql` }),
      ...(redis && { UPSTASH_REDIS_REST_URL: redis.url }),
      ...(plugin && { PLUGIN_API_BASE_URL: plugin.url }),
      ...(mail && { MAIL_API_URL: `${mail.url}/emails` }),
    }
    events.onProgress?.('Applying migrations …')
    await migrate({
      connectionString: bindings.DATABASE_URL ?? '',
      ...(bindings.NEON_FETCH_ENDPOINT && { fetchEndpoint: bindings.NEON_FETCH_ENDPOINT }),
      migrations: await readMigrations(),
      log: (line) => events.onProgress?.(`  ${line}`),
    })
    events.onProgress?.('Starting the Worker …')
    const worker = await start<WorkerOptions>(
      'The Worker',
      'worker',
      {
        port,
        bindings,
        ...(events.watch && { watch: true }),
        ...(events.workerBundle !== undefined && { bundle: events.workerBundle }),
      },
      events.workerLog,
    )
    return { worker, bindings, database, redis, plugin, mail, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A port that nobody uses at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
