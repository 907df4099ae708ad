import type { ContenderName } from './contenders/contender.ts'
import type { Ground } from './ground.ts'
import { burstJob, fixedRateJob, pacedJob, requestsJob, wholeJob } from './jobs.ts'
import { inTurns, type Rounds } from './measure.ts'
import type { Plan } from './plan.ts'
import { type MemoryCourse, measureMemory } from './scenarios/memory.ts'
import { measureStartUp, type StartUpResult } from './scenarios/start-up.ts'
import { measureStoreLatency, type StoreLatency } from './scenarios/store-latency.ts'

/** Everything that one run has measured. */
export interface Results {
  plan: Plan
  whole: Rounds
  paced: Rounds
  fixedRate: Rounds
  stores: Map<ContenderName, StoreLatency>
  memory: Map<ContenderName, MemoryCourse>
  startUp: StartUpResult
}

/** Runs the scenarios one after the other. */
export async function runScenarios(
  ground: Ground,
  plan: Plan,
  hasTime: () => boolean,
  onProgress: (message: string) => void,
): Promise<Results> {
  const { contenders } = ground
  const ours = contenders.flatMap(({ name }) =>
    name === 'antigravity' || name === 'openai' ? [name] : [],
  )
  onProgress('Warming up …')
  for (const contender of contenders) await warmUp(ground, plan, contender)
  const turns = (jobFor: Parameters<typeof inTurns>[2]) =>
    inTurns(ground, plan.rounds, jobFor, hasTime)

  onProgress('Whole answers …')
  const whole = await turns((contender) => wholeJob(contender, plan.whole))
  onProgress('Streams …')
  const paced = await turns((contender) => pacedJob(contender, plan.paced))
  onProgress('Whole answers at a fixed rate …')
  const fixedRate = await turns((contender) => fixedRateJob(contender, plan.fixedRate))
  onProgress('Slow stores …')
  const stores = await measureStoreLatency(ground, plan, ours)
  onProgress('Start-up …')
  const startUp = await measureStartUp(ground, plan.startUp.starts)
  onProgress('Memory over many streams …')
  const memory = await measureMemory(ground, plan.memory, [
    ...ours.map((dialect) => () => ground.startOurs(dialect)),
    ground.startBare,
  ])
  return { plan, whole, paced, fixedRate, stores, memory, startUp }
}

/** Lets just-in-time compilers and caches settle, and finds out who cannot answer at all. */
async function warmUp(
  ground: Ground,
  { warmUp: amount, whole, paced }: Plan,
  contender: Ground['contenders'][number],
): Promise<void> {
  const results = [
    await ground.runLoad(requestsJob(contender, whole.clients, amount.requests)),
    await ground.runLoad(burstJob(contender, paced.clients, amount.streams)),
  ]
  for (const { requests, errors } of results) {
    if (requests > 0) continue
    const [error] = Object.keys(errors)
    throw new Error(`${contender.name} answers nothing that counts: ${error ?? 'no answer'}`)
  }
}
