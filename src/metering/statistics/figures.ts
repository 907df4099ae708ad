import * as z from 'zod'
import { toUnits } from '../../platform/units.ts'
import { type Histogram, merge, percentile } from './histogram.ts'

/** What is counted of a group of calls. */
export interface Figures {
  requests: number
  errors: number
  promptTokens: number
  completionTokens: number
  /** In 1/10,000 unit. */
  quota: number
  durations: Histogram
  firstBytes: Histogram
}

const Percentiles = z
  .object({ p50: z.int(), p95: z.int(), p99: z.int() })
  .meta({ id: 'LatencyPercentiles', description: 'Milliseconds, at most 9.1 % off.' })

export const FiguresView = z.object({
  requests: z.int(),
  errors: z.int().describe('Status 400 and above; 499, where the client left, included.'),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  quota: z.number().describe('Units, four decimals; 1 is the whole quota of one account.'),
  duration_ms: Percentiles.nullable(),
  time_to_first_byte_ms: Percentiles.nullable().describe('Null where no call got a first byte.'),
})

/** The figures of several groups together. */
export function add(groups: readonly Figures[]): Figures {
  const sum = (field: 'requests' | 'errors' | 'promptTokens' | 'completionTokens' | 'quota') =>
    groups.reduce((total, group) => total + group[field], 0)
  return {
    requests: sum('requests'),
    errors: sum('errors'),
    promptTokens: sum('promptTokens'),
    completionTokens: sum('completionTokens'),
    quota: sum('quota'),
    durations: merge(groups.map((group) => group.durations)),
    firstBytes: merge(groups.map((group) => group.firstBytes)),
  }
}

/** Figures as they leave. */
export function toFiguresView(figures: Figures): z.input<typeof FiguresView> {
  return {
    requests: figures.requests,
    errors: figures.errors,
    prompt_tokens: figures.promptTokens,
    completion_tokens: figures.completionTokens,
    total_tokens: figures.promptTokens + figures.completionTokens,
    quota: toUnits(figures.quota),
    duration_ms: percentilesOf(figures.durations),
    time_to_first_byte_ms: percentilesOf(figures.firstBytes),
  }
}

function percentilesOf(histogram: Histogram): z.input<typeof Percentiles> | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((fraction) => percentile(histogram, fraction))
  return p50 == null || p95 == null || p99 == null ? null : { p50, p95, p99 }
}
