import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process'
import { join } from 'node:path'
import { endWithUs } from '../../dev/stack/living.ts'

const STOP_GRACE_MS = 2_000

let guard: ChildProcess | undefined

/**
 * Spawns a program that never outlives the bench, however the bench ends. It stands in a process
 * group of its own, so that Ctrl-C reaches only the bench, which ends things in order.
 */
export function spawnChild(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true })
  const { pid } = child
  if (pid === undefined) return child
  const watcher = startGuard()
  watcher.send({ watch: pid })
  endWithUs(child)
  child.once('exit', () => {
    if (watcher.connected) watcher.send({ forget: pid })
  })
  return child
}

/** Ends a child: politely at first, and for sure. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
  await exited
  clearTimeout(timer)
}

/** The process that ends the others should this one be killed without a word. */
export function startGuard(): ChildProcess {
  if (guard?.connected) return guard
  guard = fork(join(import.meta.dirname, 'guard.ts'), [], {
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  // It must not keep the bench alive; the closing channel tells it to end.
  guard.unref()
  guard.channel?.unref()
  return guard
}
