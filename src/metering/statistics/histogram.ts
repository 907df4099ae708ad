/**
 * Latencies are kept as histograms, which add up over days, keys and people as percentiles do not.
 *
 * A bucket ends where a value is more than 2^¼ times its smallest one: four buckets for each doubling,
 * from 1 ms to 24 hours. A percentile is answered as the geometric middle of its bucket, so that it
 * is at most 9.1 % (2^⅛ − 1) away from the true one by nearest rank, beside half a millisecond of
 * rounding. Longer than 24 hours counts as 24 hours.
 */

/** 2^¼, written out: no engine may compute it a little differently. */
const WIDTH = 1.189207115002721
const LONGEST_MS = 86_400_000

/**
 * Smallest value of each bucket after bucket 0, which holds whatever took no millisecond. Stored
 * histograms speak of these numbers: they must never change.
 */
export const BUCKET_STARTS: readonly number[] = bucketStarts()

/** Bucket → how many calls it holds. */
export type Histogram = ReadonlyMap<number, number>

function bucketStarts(): number[] {
  const starts: number[] = []
  for (let start = 1; start <= LONGEST_MS; start = Math.floor(start * WIDTH) + 1) starts.push(start)
  return starts
}

/** Adds histograms up. */
export function merge(histograms: Iterable<Histogram>): Histogram {
  const sum = new Map<number, number>()
  for (const histogram of histograms)
    for (const [bucket, count] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + count)
  return sum
}

/**
 * The value that the given part of all calls stays at or below, by nearest rank.
 *
 * @param fraction above 0, at most 1
 * @returns whole milliseconds, within the error said above; null of an empty histogram
 */
export function percentile(histogram: Histogram, fraction: number): number | null {
  const filled = [...histogram].filter(([, count]) => count > 0).sort(([a], [b]) => a - b)
  const total = filled.reduce((sum, [, count]) => sum + count, 0)
  const rank = Math.ceil(fraction * total)
  let passed = 0
  for (const [bucket, count] of filled) {
    passed += count
    if (passed >= rank) return middleOf(bucket)
  }
  return null
}

function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  const smallest = BUCKET_STARTS[bucket - 1] ?? LONGEST_MS
  const largest = (BUCKET_STARTS[bucket] ?? LONGEST_MS + 1) - 1
  return Math.round(Math.sqrt(smallest * largest))
}
