import type { Contender, ContenderName } from './contenders/contender.ts'
import type { Ground } from './ground.ts'
import type { Job, JobResult } from './load/job.ts'
import { cpuMs, untilQuiet } from './processes/usage.ts'

const QUIET_TIMEOUT_MS = 3_000

/** One job at one contender. */
export interface Measurement extends JobResult {
  /** Processor time of the contender's process, the work after the last answer included. */
  cpuMs: number | null
  /** Processor time that the stores spent meanwhile; part of nobody's figure. */
  storesCpuMs: number
}

/** Runs one job while everything else is at rest. */
export async function measure(
  ground: Ground,
  contender: Contender,
  job: Job,
): Promise<Measurement> {
  const pid = contender.program?.pid
  const own = pid === undefined ? [] : [pid]
  const stores = () => ground.storePids().reduce((sum, store) => sum + (cpuMs(store) ?? 0), 0)
  await untilQuiet([...ground.sharedPids(), ...own], QUIET_TIMEOUT_MS)
  const storesBefore = stores()
  const before = pid === undefined ? null : cpuMs(pid)
  const result = await ground.runLoad(job)
  await untilQuiet([...ground.storePids(), ...own], QUIET_TIMEOUT_MS)
  const after = pid === undefined ? null : cpuMs(pid)
  return {
    ...result,
    cpuMs: before === null || after === null ? null : after - before,
    storesCpuMs: stores() - storesBefore,
  }
}

/** Measurements by contender, one a round. */
export type Rounds = Map<ContenderName, Measurement[]>

/**
 * Lets the contenders take turns (A B C, A B C, …), so that whatever else the machine does falls on
 * all of them.
 *
 * @param hasTime asked before every round but the first
 */
export async function inTurns(
  ground: Ground,
  rounds: number,
  jobFor: (contender: Contender) => Job,
  hasTime: () => boolean,
): Promise<Rounds> {
  const results: Rounds = new Map(ground.contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds && (round === 0 || hasTime()); round++) {
    for (const contender of ground.contenders) {
      results.get(contender.name)?.push(await measure(ground, contender, jobFor(contender)))
    }
  }
  return results
}
