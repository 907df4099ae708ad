import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Ticks of `utime` and `stime` in a second; a hundred on every Linux in use. */
const TICKS_PER_SECOND = clockTicks()
const QUIET_POLL_MS = 100
/** A process that used at most one tick between two looks has nothing left to do. */
const QUIET_TICKS = 1

/**
 * Processor time of a process and its descendants so far, from `/proc/<pid>/stat`.
 *
 * @returns milliseconds; null where the system has no `/proc` or the process has ended
 */
export function cpuMs(pid: number): number | null {
  const ticks = treeOf(pid).map(ticksOf)
  if (ticks.includes(null)) return null
  return (ticks.reduce<number>((sum, value) => sum + (value ?? 0), 0) * 1000) / TICKS_PER_SECOND
}

/** Resident memory of a process in MiB, from `/proc/<pid>/status`; null where there is none. */
export function residentMiB(pid: number): number | null {
  const line = read(`/proc/${pid}/status`)?.match(/^VmRSS:\s+(\d+) kB$/m)
  return line ? Number(line[1]) / 1024 : null
}

/**
 * Waits until the processes have finished what earlier requests left them to do.
 *
 * @param pids those that must come to rest
 * @param timeoutMs when to go on regardless
 */
export async function untilQuiet(pids: readonly number[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  const total = () => pids.reduce((sum, pid) => sum + (cpuMs(pid) ?? 0), 0)
  let before = total()
  do {
    await sleep(QUIET_POLL_MS)
    const now = total()
    if (((now - before) * TICKS_PER_SECOND) / 1000 <= QUIET_TICKS) return
    before = now
  } while (performance.now() < deadline)
}

/** The process and its descendants. */
function treeOf(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.trim()
  return [pid, ...(children ? children.split(' ').map(Number).flatMap(treeOf) : [])]
}

function ticksOf(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`)
  if (!stat) return null
  // The program's name, in parentheses, may contain anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function clockTicks(): number {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) || 100
  } catch {
    return 100
  }
}
