import type { Prediction } from './predict.ts'
import type { Share } from './state.ts'

/** What is expected of a model's calls: learned, or as the operator has said, for each call. */
export interface Expectation {
  learned: Prediction | null
  /** In 1/10,000 unit. */
  perCall: number
}

/** By so much a call may go beyond what is expected of it before somebody else is thought of. */
const LEARNED_SLACK = 1.25
const TOLD_SLACK = 2

/**
 * Shares what an account lost among the calls that can have caused it, by their tokens, none beyond
 * what it can have cost. If all of them together cannot have caused it, each pays what is expected of
 * it, and the rest was used outside.
 *
 * @returns the shares with their amounts, and the rest
 */
export function shareOut(
  lost: number,
  shares: readonly Share[],
  expect: (model: string) => Expectation,
): { shares: Share[]; outside: number } {
  const expected = shares.map((share) => expectedOf(share, expect(share.model)))
  const most = expected.reduce((sum, { limit }) => sum + limit, 0)
  const rounding = Math.max(0, ...expected.map((each) => each.rounding))
  const amounts =
    most + rounding >= lost
      ? byTokens(
          lost,
          shares,
          expected.map((each) => each.limit + each.rounding),
        )
      : wholes(expected.map(({ amount }) => Math.min(amount, lost)))
  const sum = amounts.reduce((total, amount) => total + amount, 0)
  return {
    shares: shares.map((share, at) => ({ ...share, amount: amounts[at] ?? 0 })),
    outside: lost - sum,
  }
}

function expectedOf(
  { part, tokens }: Share,
  { learned, perCall }: Expectation,
): { amount: number; limit: number; rounding: number } {
  const amount = learned ? learned.perCall * part + learned.perToken * tokens : perCall * part
  // When in its time a call used how much is not known: any of it may have been in this part.
  const whole = part > 0 ? amount / part : amount
  if (!learned) return { amount, limit: TOLD_SLACK * whole, rounding: 0 }
  // A meter shows what was used to a step; what it had not shown before is less than a call.
  return { amount, limit: LEARNED_SLACK * whole, rounding: Math.min(learned.step, whole) }
}

/** Whoever is at their limit leaves the rest to the others. */
function byTokens(lost: number, shares: readonly Share[], limits: readonly number[]): number[] {
  const exact = shares.map(() => 0)
  let left = lost
  let open = shares.map((_, at) => at)
  while (open.length > 0) {
    const weight = open.reduce((sum, at) => sum + weightOf(shares[at]), 0)
    const rate = left / weight
    const full = open.filter((at) => rate * weightOf(shares[at]) > (limits[at] ?? 0))
    for (const at of full.length > 0 ? full : open) {
      const amount = full.length > 0 ? (limits[at] ?? 0) : rate * weightOf(shares[at])
      exact[at] = amount
      left -= amount
    }
    if (full.length === 0) break
    open = open.filter((at) => !full.includes(at))
  }
  return wholes(exact)
}

/** Something of every call counts, so that what is alone in a drop is never shared by nothing. */
const weightOf = (share: Share | undefined) => Math.max(share?.tokens ?? 0, 1e-9)

/** Whole numbers, the sums of which are never off by more than a rounding. */
function wholes(exact: readonly number[]): number[] {
  let upTo = 0
  return exact.map((amount) => {
    const before = Math.round(upTo)
    upTo += amount
    return Math.round(upTo) - before
  })
}
