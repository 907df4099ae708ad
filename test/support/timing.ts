import { campaign } from './campaign.ts'

/** How far two medians may lie apart. */
const TOLERANCE = 0.1
/** Pairs after which is looked, until one look decides. */
const FIRST_LOOK = 16
const MOST_PAIRS = campaign('TIMING_PAIRS', { share: 32, full: 128 })
/**
 * Questions that are answered quickly are asked more often than that: for so long, or so many times as
 * often. So are those whose medians lie apart though nothing is sure.
 */
const QUICK_MS = campaign('TIMING_QUICK_MS', { share: 8_000, full: 30_000 })
const MORE_OFTEN = 4
const WARM_UP = 3
/** Quantile of the normal distribution for 99.9 %: a few looks together are wrong once in hundreds. */
const Z = 3.29

export interface Verdict {
  /** `alike` and `different` are sure; `undecided`: the interval still holds the limit. */
  verdict: 'alike' | 'different' | 'undecided'
  /** Median of the pairs' ratios, and the interval in which it lies. */
  ratio: number
  low: number
  high: number
  pairs: number
}

/**
 * What ratios of two times, taken one right after the other, say about their median. Whatever else
 * the machine does falls on both of a pair; the interval is that of the sign test, which knows
 * nothing of how the noise is distributed, so that a few wild pairs change nothing.
 */
export function judge(ratios: readonly number[]): Verdict {
  const sorted = ratios.toSorted((a, b) => a - b)
  const pairs = sorted.length
  const margin = Math.ceil((Z * Math.sqrt(pairs)) / 2)
  const at = (index: number) => sorted[Math.min(Math.max(index, 0), pairs - 1)] ?? Number.NaN
  const ratio = (at(Math.floor((pairs - 1) / 2)) + at(Math.ceil((pairs - 1) / 2))) / 2
  const low = at(Math.floor(pairs / 2) - margin)
  const high = at(Math.ceil(pairs / 2) - 1 + margin)
  const [least, most] = [1 - TOLERANCE, 1 / (1 - TOLERANCE)]
  const verdict =
    low > least && high < most ? 'alike' : high < least || low > most ? 'different' : 'undecided'
  return { verdict, ratio, low, high, pairs }
}

/**
 * Measures two questions in turns, in changing order, until it is clear whether they take the same
 * time, or until there have been enough of them.
 *
 * @param before each pair
 * @param between the questions: waits for what one leaves behind, so that it does not slow the next
 */
export async function compareTimes(
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
  before: () => Promise<unknown> = async () => undefined,
  between: () => Promise<unknown> = async () => undefined,
): Promise<Verdict> {
  const ratios: number[] = []
  let nextLook = FIRST_LOOK
  const startedAt = performance.now()
  for (let pair = -WARM_UP; ; pair++) {
    await before()
    const isSwapped = pair % 2 !== 0
    const first = await timeOf(isSwapped ? other : one)
    await between()
    const second = await timeOf(isSwapped ? one : other)
    await between()
    if (pair < 0) continue
    ratios.push(isSwapped ? second / first : first / second)
    if (ratios.length < nextLook) continue
    const verdict = judge(ratios)
    const isQuick = performance.now() - startedAt < QUICK_MS
    const most = isQuick || !isClose(verdict) ? MOST_PAIRS * MORE_OFTEN : MOST_PAIRS
    if (verdict.verdict !== 'undecided' || ratios.length >= most) return verdict
    nextLook = Math.min(nextLook * 2, most)
  }
}

/** @throws {Error} when two questions do not take the same time */
export function requireAlike(verdict: Verdict): void {
  // Where the noise left it open, the medians themselves have to be within the limit.
  if (verdict.verdict === 'different' || !isClose(verdict))
    throw new Error(`the times tell them apart: ${JSON.stringify(verdict)}`)
}

function isClose({ ratio }: Verdict): boolean {
  return ratio > 1 - TOLERANCE && ratio < 1 / (1 - TOLERANCE)
}

async function timeOf(ask: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await ask()
  return performance.now() - startedAt
}
