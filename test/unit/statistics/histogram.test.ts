import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BUCKET_STARTS,
  type Histogram,
  merge,
  percentile,
} from '../../../src/metering/statistics/histogram.ts'

/** As `width_bucket` puts it. */
const bucketOf = (ms: number) => BUCKET_STARTS.filter((start) => start <= ms).length

function histogramOf(values: readonly number[]): Histogram {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(bucketOf(value), (counts.get(bucketOf(value)) ?? 0) + 1)
  return counts
}

function nearestRank(values: readonly number[], fraction: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(fraction * values.length) - 1] ?? Number.NaN
}

/** From fractions of a second to a day, as evenly over the orders of magnitude as buckets are. */
const latency = fc
  .double({ min: 0, max: Math.log(86_400_000), noNaN: true })
  .map((exponent) => Math.floor(Math.exp(exponent)))
const fraction = fc.constantFrom(0.5, 0.95, 0.99, 1, 0.001)

const BOUND = 2 ** (1 / 8) - 1
const ROUNDING = 0.5

describe('the buckets', () => {
  it('never change, since stored histograms speak of them', () => {
    expect(BUCKET_STARTS.slice(0, 12)).toEqual([1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22])
    expect(BUCKET_STARTS).toHaveLength(98)
    expect(BUCKET_STARTS.at(-1)).toBe(75_046_321)
  })
})

describe('a percentile of a histogram', () => {
  it('is as close to the true one as is said', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 200 }), fraction, (values, part) => {
        const exact = nearestRank(values, part)
        const told = percentile(histogramOf(values), part) ?? Number.NaN
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * BOUND + ROUNDING)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is the same whether calls were counted together or apart', () => {
    fc.assert(
      fc.property(fc.array(fc.array(latency)), fraction, (parts, part) => {
        const together = percentile(histogramOf(parts.flat()), part)
        expect(percentile(merge(parts.map(histogramOf)), part)).toBe(together)
      }),
    )
  })

  it('rises with the part that is asked for', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1 }), (values) => {
        const told = [0.01, 0.5, 0.95, 0.99, 1].map((part) => percentile(histogramOf(values), part))
        expect(told).toEqual(told.toSorted((a, b) => (a ?? 0) - (b ?? 0)))
      }),
    )
  })

  it('is nothing of nothing, and 0 of what took no time', () => {
    expect(percentile(new Map(), 0.5)).toBeNull()
    expect(percentile(new Map([[3, 0]]), 0.5)).toBeNull()
    expect(percentile(histogramOf([0]), 0.99)).toBe(0)
  })
})
