/** The parts of a run; `--only` chooses among them and those measured on request. */
export const SCENARIOS = ['whole', 'streams', 'rate', 'stores', 'startup', 'memory'] as const

/** What is measured only when it is named: it has little to do with the gateway, and takes its time. */
export const ON_REQUEST = ['usage-stats', 'recovery', 'console'] as const

/** Beside the gateways, but only when it is named. */
export const ON_REQUEST_BESIDE = ['admission', 'faces'] as const

export type Scenario = (typeof SCENARIOS | typeof ON_REQUEST | typeof ON_REQUEST_BESIDE)[number]

/** How much a run measures. Every figure bounds a step in count or in time. */
export interface Plan {
  name: 'quick' | 'full'
  scenarios: readonly Scenario[]
  /** Rounds that every scenario takes turns in; the median of them counts. */
  rounds: number
  /**
   * Requests and burst streams that each contender answers before anything is measured. V8 takes
   * thousands of them to compile what is hot: before, all of them cost up to half as much again.
   */
  warmUp: { requests: number; streams: number }
  whole: { clients: number; durationMs: number }
  /** The clients begin one by one over `staggerMs`, as people do. */
  paced: { clients: number; streamsPerClient: number; staggerMs: number }
  fixedRate: { perSecond: number; durationMs: number }
  stores: { delayMs: number; requestsPerRound: number }
  memory: { clients: number; checkpoints: readonly number[]; contenderBudgetMs: number }
  startUp: { starts: number }
  usageStats: {
    calls: number
    /** Of PGlite, which is one process with all that it knows in memory. */
    embeddedCalls: number
    people: number
    days: number
    repetitions: number
  }
  recovery: { people: number; embeddedPeople: number; poolsEach: number }
  /** Of each page, with nothing kept and again. */
  console: { visits: number }
  /** Slow enough that a pool of thirty calls refuses nobody. */
  admission: { perSecond: number; durationMs: number }
  /** After this, rounds that are still to come are left out. */
  budgetMs: number
}

const CLIENTS = { whole: 16, streams: 64 }

/** About one minute: enough to see whether a change made things better or worse. */
export const QUICK: Plan = {
  name: 'quick',
  scenarios: SCENARIOS,
  rounds: 3,
  warmUp: { requests: 4_000, streams: 64 },
  whole: { clients: CLIENTS.whole, durationMs: 600 },
  paced: { clients: CLIENTS.streams, streamsPerClient: 1, staggerMs: 400 },
  fixedRate: { perSecond: 200, durationMs: 1_000 },
  stores: { delayMs: 5, requestsPerRound: 30 },
  memory: { clients: CLIENTS.streams, checkpoints: [100, 300, 600], contenderBudgetMs: 6_000 },
  startUp: { starts: 3 },
  usageStats: {
    calls: 1_000_000,
    embeddedCalls: 50_000,
    people: 200,
    days: 90,
    repetitions: 10,
  },
  recovery: { people: 20_000, embeddedPeople: 5_000, poolsEach: 2 },
  console: { visits: 3 },
  admission: { perSecond: 50, durationMs: 2_000 },
  budgetMs: 70_000,
}

/** At most six minutes. */
export const FULL: Plan = {
  name: 'full',
  scenarios: SCENARIOS,
  rounds: 3,
  warmUp: { requests: 8_000, streams: 192 },
  whole: { clients: CLIENTS.whole, durationMs: 2_500 },
  paced: { clients: CLIENTS.streams, streamsPerClient: 3, staggerMs: 800 },
  fixedRate: { perSecond: 200, durationMs: 4_000 },
  stores: { delayMs: 5, requestsPerRound: 100 },
  memory: {
    clients: CLIENTS.streams,
    checkpoints: [1_000, 5_000, 10_000],
    contenderBudgetMs: 45_000,
  },
  startUp: { starts: 5 },
  usageStats: {
    calls: 10_000_000,
    embeddedCalls: 300_000,
    people: 1_000,
    days: 90,
    repetitions: 30,
  },
  recovery: { people: 100_000, embeddedPeople: 20_000, poolsEach: 2 },
  console: { visits: 10 },
  admission: { perSecond: 50, durationMs: 8_000 },
  budgetMs: 300_000,
}

/** Whether a run measures enough to judge the growth of memory. */
export const MEMORY_TARGET_STREAMS = 10_000

/** What a run may take that was asked for a few scenarios by name. */
const CHOSEN_BUDGET_MS = 1_800_000

/**
 * The plan with the chosen scenarios only; who asks for some by name has time for them.
 *
 * @param names scenarios separated by commas
 * @throws {Error} naming those that exist
 */
export function chosenFrom(plan: Plan, names: string): Plan {
  const scenarios = names.split(',') as Scenario[]
  const known: readonly Scenario[] = [...SCENARIOS, ...ON_REQUEST, ...ON_REQUEST_BESIDE]
  if (!scenarios.every((name) => known.includes(name))) {
    throw new Error(`--only takes some of ${known.join(', ')}, separated by commas.`)
  }
  return {
    ...plan,
    scenarios,
    budgetMs: CHOSEN_BUDGET_MS,
    memory: { ...plan.memory, contenderBudgetMs: CHOSEN_BUDGET_MS / 3 },
  }
}
