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
  onProgress('Warming up …')
  await warmUp(ground, plan)
  const ours = ground.contenders.flatMap(({ name }) =>
    name === 'antigravity' || name === 'openai' ? [name] : [],
  )
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

/** Lets just-in-time compilers and caches settle, and leaves out who cannot answer at all. */
async function warmUp(ground: Ground, { warmUp: amount, whole, paced }: Plan): Promise<void> {
  for (const contender of [...ground.contenders]) {
    const results = [
      await ground.runLoad(requestsJob(contender, whole.clients, amount.requests)),
      await ground.runLoad(burstJob(contender, paced.clients, amount.streams)),
    ]
    const failed = results.find(({ requests }) => requests === 0)
    if (!failed) continue
    const [error = 'no answer'] = Object.keys(failed.errors)
    ground.leaveOut(contender, `it answers nothing that counts: ${error}`)
  }
}
