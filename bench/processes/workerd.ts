import { mkdtemp, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { spawnChild, stopChild } from './children.ts'

/** Path of the workerd that the project installs. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string }

/** A running program that is measured. */
export interface Program {
  url: string
  pid: number
  stop(): Promise<void>
}

/** What one workerd process is made of. */
export interface WorkerdFiles {
  /** The configuration, whose socket is called `http`. */
  config: string
  /** File names beside the configuration and their contents. */
  modules: Record<string, string>
}

/**
 * Starts workerd on a free port of 127.0.0.1.
 *
 * @param onSpawn told as soon as the process exists, before it listens
 * @throws {Error} with workerd's last complaint when it does not start
 */
export async function startWorkerd(
  files: WorkerdFiles,
  { onSpawn }: { onSpawn?: () => void } = {},
): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'shared-accounts-bench-'))
  for (const [name, text] of Object.entries({ ...files.modules, 'config.capnp': files.config })) {
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }
  const child = spawnChild(
    workerd,
    [
      'serve',
      join(folder, 'config.capnp'),
      '--experimental',
      '--socket-addr=http=127.0.0.1:0',
      '--control-fd=3',
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  )
  onSpawn?.()
  let complaint = 'it said nothing'
  createInterface(child.stderr as Readable).on('line', (line) => {
    complaint = line
  })
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdio[3] as Readable).on('line', (line) => {
      const message = JSON.parse(line) as { event: string; socket?: string; port?: number }
      if (message.event === 'listen' && message.socket === 'http') resolve(message.port ?? 0)
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`workerd ended with status ${code}: ${complaint}`)),
    )
  })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: () => stopChild(child),
  }
}
