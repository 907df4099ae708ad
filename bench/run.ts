import { type AdmissionCost, measureAdmission } from './admission/measure.ts'
import type { ContenderName } from './contenders/contender.ts'
import { type FaceCost, measureFaces } from './faces/measure.ts'
import type { Ground } from './ground.ts'
import { burstJob, fixedRateJob, pacedJob, requestsJob, wholeJob } from './jobs.ts'
import { inTurns, type Rounds } from './measure.ts'
import type { Plan, Scenario } from './plan.ts'
import { keepApart } from './processes/cores.ts'
import { type MemoryCourse, measureMemory } from './scenarios/memory.ts'
import { measureStartUp, type StartUpResult } from './scenarios/start-up.ts'
import { measureStoreLatency, type StoreLatency } from './scenarios/store-latency.ts'

/** Everything that one run has measured. */
export interface Results {
  plan: Plan
  whole: Rounds
  paced: Rounds
  fixedRate: Rounds
  /** Whether the stores had a core of their own meanwhile; null: not measured. */
  isFixedRateApart: boolean | null
  stores: Map<ContenderName, StoreLatency>
  memory: Map<ContenderName, MemoryCourse>
  startUp: StartUpResult | null
  admission: AdmissionCost[]
  faces: FaceCost[]
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
  const isChosen = (scenario: Scenario, title: string) => {
    const isIn = plan.scenarios.includes(scenario)
    if (isIn) onProgress(`${title} …`)
    return isIn
  }
  const turns = (jobFor: Parameters<typeof inTurns>[2]) =>
    inTurns(ground, plan.rounds, jobFor, hasTime)

  const results: Results = {
    plan,
    whole: new Map(),
    paced: new Map(),
    fixedRate: new Map(),
    isFixedRateApart: null,
    stores: new Map(),
    memory: new Map(),
    startUp: null,
    admission: [],
    faces: [],
  }
  if (isChosen('whole', 'Whole answers'))
    results.whole = await turns((contender) => wholeJob(contender, plan.whole))
  if (isChosen('streams', 'Streams'))
    results.paced = await turns((contender) => pacedJob(contender, plan.paced))
  if (isChosen('rate', 'Whole answers at a fixed rate')) {
    // The embedded stores work in bursts that would be waited for by whoever shares a core with them.
    const release = keepApart(ground.storePids(), ground.otherPids())
    results.fixedRate = await turns((contender) => fixedRateJob(contender, plan.fixedRate))
    results.isFixedRateApart = release !== null
    release?.()
  }
  if (isChosen('stores', 'Slow stores'))
    results.stores = await measureStoreLatency(ground, plan, ours)
  if (isChosen('startup', 'Start-up'))
    results.startUp = await measureStartUp(ground, plan.startUp.starts)
  if (isChosen('memory', 'Memory over many streams')) {
    const starts = [ground.startBare, ...ours.map((dialect) => () => ground.startOurs(dialect))]
    results.memory = await measureMemory(ground, plan.memory, starts, hasTime)
  }
  if (isChosen('admission', 'Admission'))
    results.admission = await measureAdmission(ground, plan, onProgress)
  if (isChosen('faces', 'Faces')) results.faces = await measureFaces(ground, plan, onProgress)
  return results
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
