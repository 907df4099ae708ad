import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parse } from 'smol-toml'
import { endWithUs } from '../stack/living.ts'
import type { RunningPart } from '../stack/part.ts'
import { bundleWorker, ROOT, watchWorker } from './bundle.ts'
import { workerdConfig } from './workerd-config.ts'

/** Path of the workerd that the project installs. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string }

export interface WorkerOptions {
  port?: number
  /** Settings and secrets, as `wrangler.toml` and `wrangler secret put` give them in production. */
  bindings: Record<string, string>
  /** Bundle anew and reload when a source file changes. */
  watch?: boolean
  /** A bundle made before, for whoever starts many; bundled now when absent. */
  bundle?: string
  /** Where the Worker's log lines go; the terminal when absent. */
  onLog?: (line: string) => void
  /** In PEM: whom the Worker trusts over TLS beside those that browsers trust. */
  trustedCertificates?: string[]
}

/** A Worker in a workerd of its own. */
export interface RunningWorker extends RunningPart {
  /** workerd's, for whoever measures it or has it die. */
  pid: number
}

interface WranglerConfig {
  compatibility_date: string
  compatibility_flags: string[]
  triggers: { crons: string[] }
  assets: { run_worker_first: string[] }
}

/** What `wrangler.toml` says, as far as the runtime needs it. */
export async function readWranglerConfig(): Promise<WranglerConfig> {
  return parse(await readFile(join(ROOT, 'wrangler.toml'), 'utf8')) as unknown as WranglerConfig
}

/**
 * Runs the Worker in workerd, as production does, without the development proxy of wrangler in
 * between (which costs a multiple of the Worker itself).
 *
 * @throws {Error} when the source does not build or workerd does not start, in one line
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { compatibility_date, compatibility_flags, assets } = await readWranglerConfig()
  const folder = await mkdtemp(join(tmpdir(), 'shared-accounts-worker-'))
  const script = join(folder, 'worker.js')
  for (const name of ['entry.js', 'assets.js'])
    await copyFile(join(import.meta.dirname, name), join(folder, name))
  await writeFile(
    join(folder, 'config.capnp'),
    workerdConfig({
      compatibilityDate: compatibility_date,
      compatibilityFlags: compatibility_flags,
      bindings: options.bindings,
      assetsDirectory: join(ROOT, 'dist/assets'),
      pages: assets.run_worker_first
        .filter((pattern) => pattern.startsWith('!'))
        .map((pattern) => pattern.slice(1)),
      ...(options.trustedCertificates && { trustedCertificates: options.trustedCertificates }),
    }),
    // It holds secrets.
    { mode: 0o600 },
  )

  const watching = options.watch
    ? await watchInto(script)
    : await writeFile(script, options.bundle ?? (await bundleWorker()))
  const { process: child, port } = await serve(folder, options)
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    close: async () => {
      await watching?.dispose()
      child.kill('SIGTERM')
      await exited(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function watchInto(script: string) {
  const first = Promise.withResolvers<void>()
  const watching = await watchWorker(
    // workerd notices the new file by itself.
    (text) => void writeFile(script, text).then(first.resolve, first.reject),
    (message) => {
      console.error(`The Worker does not build: ${message}`)
      first.reject(new Error(`The Worker does not build: ${message}`))
    },
  )
  await first.promise
  return watching
}

async function serve(folder: string, { port = 0, watch, onLog }: WorkerOptions) {
  const child = spawn(
    workerd,
    [
      'serve',
      join(folder, 'config.capnp'),
      '--experimental',
      `--socket-addr=http=127.0.0.1:${port}`,
      '--control-fd=3',
      ...(watch ? ['--watch'] : []),
    ],
    { stdio: ['ignore', onLog ? 'pipe' : 'inherit', 'pipe', 'pipe'] },
  )
  endWithUs(child)
  if (onLog && child.stdout) createInterface(child.stdout).on('line', onLog)
  const complaints = collectComplaints(child.stderr as Readable)

  const listening = Promise.withResolvers<number>()
  createInterface(child.stdio[3] as Readable).on('line', (line) => {
    const message = JSON.parse(line) as { event: string; socket?: string; port?: number }
    if (message.event === 'listen' && message.socket === 'http')
      listening.resolve(message.port ?? port)
  })
  child.once('exit', (code) => listening.reject(new Error(complaints.explain(code, port))))
  return { process: child, port: await listening.promise }
}

/** workerd's own messages: shown as they come, and used to say why it did not start. */
function collectComplaints(stream: Readable) {
  const lines: string[] = []
  createInterface(stream).on('line', (line) => {
    lines.push(line)
    if (lines.length > 50) lines.shift()
    if (!isNoise(line)) console.error(line)
  })
  return {
    explain: (code: number | null, port: number) =>
      lines.some((line) => line.includes('Address already in use'))
        ? `Port ${port} is busy. Choose another one with PORT=…`
        : `workerd ended with status ${code}: ${lines.at(-1) ?? 'it said nothing'}`,
  }
}

/** Clients that go away are part of normal use. */
function isNoise(line: string): boolean {
  return /disconnected|Broken pipe|Connection reset|^\*\*\* Received signal|^stack:|Address already in use/.test(
    line,
  )
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}
