import type { ContenderName } from '../contenders/contender.ts'
import type { Measurement, Rounds } from '../measure.ts'
import { MEMORY_TARGET_STREAMS } from '../plan.ts'
import type { Results } from '../run.ts'
import { median } from './statistics.ts'

export type Verdict = 'holds' | 'does not hold' | 'not measured'

/** One promise and what became of it. */
export interface Target {
  title: string
  /** What was measured; NaN when it was not. */
  value: number
  unit: '×' | 'ms' | 'calls' | 'KiB a stream'
  limit: number
  /** Whether the value may be at most or must be at least the limit. */
  bound: 'at most' | 'at least'
  verdict: Verdict
}

type Figure = (measurement: Measurement) => number

const DIALECTS = ['antigravity', 'openai'] as const

export const cpuPerRequest: Figure = ({ cpuMs, requests }) => (cpuMs ?? Number.NaN) / requests
export const perSecond: Figure = ({ requests, durationMs }) => (requests * 1000) / durationMs
const p99: Figure = ({ latency }) => latency.p99

/** Judges a run by the targets that the gateway has set itself. */
export function judge(results: Results): Target[] {
  const { whole, paced, fixedRate } = results
  const bareStream = { antigravity: 3.5, openai: 1.5 }
  return DIALECTS.flatMap((dialect) => {
    const ours = `dialect ${dialect}: `
    const ratio = (rounds: Rounds, other: ContenderName, figure: Figure) =>
      pairedRatio(rounds, dialect, other, figure)
    return [
      target(
        `${ours}CPU of a stream against the bare Worker`,
        '×',
        'at most',
        bareStream[dialect],
        ratio(paced, 'bare', cpuPerRequest),
      ),
      ...(dialect === 'antigravity' ? [absolute(paced, dialect)] : []),
      target(
        `${ours}requests/s against Portkey`,
        '×',
        'at least',
        2,
        ratio(whole, 'portkey', perSecond),
      ),
      target(
        `${ours}requests/s against the bare Worker`,
        '×',
        'at least',
        0.4,
        ratio(whole, 'bare', perSecond),
      ),
      target(
        `${ours}CPU of a request against Portkey`,
        '×',
        'at most',
        0.5,
        ratio(whole, 'portkey', cpuPerRequest),
      ),
      target(
        `${ours}p99 at 200/s against Portkey`,
        '×',
        'at most',
        0.2,
        ratio(fixedRate, 'portkey', p99),
      ),
      target(
        `${ours}CPU of a request against the bare Worker`,
        '×',
        'at most',
        2,
        ratio(whole, 'bare', cpuPerRequest),
      ),
      target(
        `${ours}p99 at 200/s against the bare Worker`,
        '×',
        'at most',
        2,
        results.isFixedRateApart ? ratio(fixedRate, 'bare', p99) : Number.NaN,
      ),
      target(
        `${ours}store calls that a warm request waits for`,
        'calls',
        'at most',
        1,
        results.stores.get(dialect)?.waitedFor ?? Number.NaN,
        WAIT_TOLERANCE,
      ),
      target(
        `${ours}memory, 5,001st to 10,000th stream, beyond the bare Worker's`,
        'KiB a stream',
        'at most',
        2,
        extraGrowth(results, dialect),
      ),
    ]
  })
}

/** The Free plan of Workers ends a request at 10 ms. */
function absolute(paced: Rounds, dialect: ContenderName): Target {
  const title = `dialect ${dialect}: CPU of a stream`
  return target(title, 'ms', 'at most', 10, middle(paced, dialect, cpuPerRequest))
}

/** Part of a call by which the added time may exceed whole calls: processors and timers are shared. */
const WAIT_TOLERANCE = 0.35

function target(
  title: string,
  unit: Target['unit'],
  bound: Target['bound'],
  limit: number,
  value: number,
  tolerance = 0,
): Target {
  const holds = bound === 'at most' ? value <= limit + tolerance : value >= limit - tolerance
  const verdict = Number.isNaN(value) ? 'not measured' : holds ? 'holds' : 'does not hold'
  return { title, unit, bound, limit, value, verdict }
}

/** The median of the ratios of each round: its two sides were measured within seconds. */
export function pairedRatio(
  rounds: Rounds,
  name: ContenderName,
  other: ContenderName,
  figure: Figure,
): number {
  const [ours, theirs] = [rounds.get(name) ?? [], rounds.get(other) ?? []]
  return median(
    ours.flatMap((measurement, round) => {
      const opposite = theirs[round]
      return opposite ? [figure(measurement) / figure(opposite)] : []
    }),
  )
}

/** The median of a figure over the rounds. */
export function middle(rounds: Rounds, name: ContenderName, figure: Figure): number {
  return median((rounds.get(name) ?? []).map(figure))
}

/** How much faster than the bare Worker's our memory grows between the last two checkpoints. */
function extraGrowth(results: Results, name: ContenderName): number {
  return growth(results, name) - growth(results, 'bare')
}

/** In KiB a stream; NaN of a run that is too short to tell. */
function growth({ memory }: Results, name: ContenderName): number {
  const [before, last] = memory.get(name)?.points.slice(-2) ?? []
  if (!before || !last || last.streams < MEMORY_TARGET_STREAMS) return Number.NaN
  return ((last.mebibytes - before.mebibytes) * 1024) / (last.streams - before.streams)
}
