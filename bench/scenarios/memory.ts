import type { Contender, ContenderName } from '../contenders/contender.ts'
import type { Ground } from '../ground.ts'
import { burstJob } from '../jobs.ts'
import type { Plan } from '../plan.ts'
import { residentMiB, untilQuiet } from '../processes/usage.ts'

const QUIET_TIMEOUT_MS = 2_000

/** Resident memory of one process while it answers stream after stream. */
export interface MemoryCourse {
  /** Streams answered so far → MiB; what was not reached in time is missing. */
  points: { streams: number; mebibytes: number }[]
  streamsPerSecond: number
  errors: number
}

/**
 * Sends streams through fresh processes, one after the other, and reads their memory at checkpoints.
 *
 * @param hasTime asked before every contender; those that are left are left out
 */
export async function measureMemory(
  ground: Ground,
  plan: Plan['memory'],
  starts: readonly (() => Promise<Contender>)[],
  hasTime: () => boolean,
): Promise<Map<ContenderName, MemoryCourse>> {
  const courses = new Map<ContenderName, MemoryCourse>()
  for (const start of starts) {
    if (!hasTime()) break
    const contender = await start()
    courses.set(contender.name, await courseOf(ground, plan, contender))
    await contender.program?.stop()
  }
  return courses
}

async function courseOf(
  ground: Ground,
  plan: Plan['memory'],
  contender: Contender,
): Promise<MemoryCourse> {
  const pid = contender.program?.pid ?? 0
  const deadline = performance.now() + plan.contenderBudgetMs
  const course: MemoryCourse = { points: [], streamsPerSecond: 0, errors: 0 }
  let sent = 0
  let busyMs = 0
  for (const checkpoint of plan.checkpoints) {
    const remainingMs = deadline - performance.now()
    if (remainingMs <= 0) break
    const job = burstJob(contender, plan.clients, checkpoint - sent)
    const result = await ground.runLoad({ ...job, deadlineMs: remainingMs })
    const failures = Object.values(result.errors).reduce((sum, count) => sum + count, 0)
    busyMs += result.durationMs
    sent += result.requests
    // Streams that were given up at the deadline are no failures of the contender's.
    if (performance.now() >= deadline) break
    course.errors += failures
    await untilQuiet([pid, ...ground.storePids()], QUIET_TIMEOUT_MS)
    const mebibytes = residentMiB(pid)
    if (mebibytes !== null) course.points.push({ streams: sent, mebibytes })
  }
  course.streamsPerSecond = (sent * 1000) / busyMs
  return course
}
