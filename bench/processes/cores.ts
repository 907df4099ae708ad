import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Keeps some processes on the machine's last core and others on all the rest, so that what the former
 * do takes nothing from the latter.
 *
 * @param alone those that share the last core
 * @param others those that must not use it
 * @returns lets all of them run anywhere again; null where that cannot be had: one core, or no
 *   `taskset` (util-linux)
 */
export function keepApart(
  alone: readonly number[],
  others: readonly number[],
): (() => void) | null {
  const last = availableParallelism() - 1
  if (last < 1) return null
  const release = () => {
    for (const pid of [...alone, ...others]) bind(pid, `0-${last}`)
  }
  const isBound =
    alone.every((pid) => bind(pid, String(last))) &&
    others.every((pid) => bind(pid, last === 1 ? '0' : `0-${last - 1}`))
  if (isBound) return release
  release()
  return null
}

/** Binds a process with all its threads; those that it starts later follow. */
function bind(pid: number, cores: string): boolean {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
