import type { Sample } from './predict.ts'

/** A drop as it is known: of one account. */
export interface DropSample extends Sample {
  cookieId: string
}

/** So many drops on end are taken together at most. */
const AT_MOST = 8
/** A sum of parts is whole but for rounding. */
const NEARLY = 1e-3

/**
 * When in its time a call used how much is not known: of calls that ran through several drops, only these
 * drops together say what they cost. Takes drops of an account together until every call is whole.
 *
 * @param drops of one meter, the newest first
 * @returns the same order
 */
export function wholeSamples(drops: readonly DropSample[]): Sample[] {
  const open = new Map<string, { sample: Sample; count: number }>()
  const samples: Sample[] = []
  for (const { cookieId, ...drop } of drops.toReversed()) {
    const before = open.get(cookieId)
    const sample = before ? joined(before.sample, drop) : drop
    const count = (before?.count ?? 0) + 1
    if (isWhole(sample.calls) || count >= AT_MOST) {
      samples.unshift(sample)
      open.delete(cookieId)
    } else {
      open.set(cookieId, { sample, count })
    }
  }
  return samples
}

const isWhole = (calls: number) => Math.abs(calls - Math.round(calls)) < NEARLY

const joined = (one: Sample, other: Sample): Sample => ({
  model: one.model === other.model ? one.model : null,
  lost: one.lost + other.lost,
  calls: one.calls + other.calls,
  tokens: one.tokens + other.tokens,
})
