import type { ChildProcess } from 'node:child_process'

const living = new Map<ChildProcess, () => void>()

process.once('exit', () => {
  for (const kill of living.values()) kill()
})

/**
 * Has a child killed when this process ends, in whatever way it does; a child that has ended before
 * is left alone, since another process may have its number by then.
 */
export function endWithUs(
  child: ChildProcess,
  kill: () => void = () => child.kill('SIGKILL'),
): void {
  living.set(child, kill)
  child.once('exit', () => living.delete(child))
}
