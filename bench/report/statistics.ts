import type { Distribution } from '../load/job.ts'

/** The middle value; of an even number, the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1], sorted[middle]]
  if (high === undefined) return Number.NaN
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}

/** Percentiles by nearest rank. */
export function distribution(values: readonly number[]): Distribution {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (fraction: number) => sorted[Math.ceil(sorted.length * fraction) - 1] ?? Number.NaN
  return { p50: rank(0.5), p99: rank(0.99), max: rank(1) }
}

/** How far the rounds lie apart: largest over smallest, less one. */
export function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values) - 1
}
