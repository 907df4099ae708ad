/** A drop of the past. */
export interface Sample {
  /** Null: several models took part in it. */
  model: string | null
  lost: number
  calls: number
  tokens: number
}

/** What calls of a model are expected to use. */
export interface Prediction {
  /** In 1/10,000 unit. */
  perCall: number
  perToken: number
  /** The steps in which the vendor's meter moves; 0: too little is known. */
  step: number
}

/** So many drops have to be known before the ledger believes them. */
const ENOUGH = 4
/** The newest are looked at. */
const AT_MOST = 40
/** What is so much more than the others say was not used by calls alone. */
const PLAUSIBLE = 1.5

/**
 * What a call of a model uses, learned from drops: so much for each call and each token. The line
 * that has the least absolute deviation from what was seen is not moved by drops to which somebody
 * outside has added, as long as these are fewer than the others; it is then made to fit the sum of
 * those that it finds plausible, in which the steps of a coarse meter cancel out.
 *
 * @param samples of the model's meter, the newest first
 * @returns null: too little is known
 */
export function predict(samples: readonly Sample[], model: string): Prediction | null {
  const pure = samples.filter((sample) => sample.model === model)
  const used = (pure.length >= ENOUGH ? pure : samples).slice(0, AT_MOST)
  if (used.length < ENOUGH) return null
  const step = used.reduce((divisor, { lost }) => commonDivisor(divisor, lost), 0)
  const [perCall, perToken] = bestLine(used)
  const expected = ({ calls, tokens }: Sample) => perCall * calls + perToken * tokens
  const plausible = used.filter((sample) => sample.lost <= PLAUSIBLE * expected(sample) + step)
  const sum = plausible.reduce((total, sample) => total + expected(sample), 0)
  const lost = plausible.reduce((total, sample) => total + sample.lost, 0)
  const scale = sum > 0 ? lost / sum : 1
  return { perCall: perCall * scale, perToken: perToken * scale, step }
}

/** So much nearer to what was seen two numbers have to come than one. */
const BETTER = 0.7

/** Neither of its two numbers is negative. The best line goes through two samples, or one and nothing. */
function bestLine(samples: readonly Sample[]): [perCall: number, perToken: number] {
  const lines: [number, number][] = []
  for (const [at, { lost, calls, tokens }] of samples.entries()) {
    if (calls > 0) lines.push([lost / calls, 0])
    if (tokens > 0) lines.push([0, lost / tokens])
    for (const other of samples.slice(at + 1)) {
      const determinant = calls * other.tokens - other.calls * tokens
      // Nearly the same mixture says nothing about what a call is without its tokens.
      if (Math.abs(determinant) < 0.05 * calls * other.tokens) continue
      const perCall = (lost * other.tokens - other.lost * tokens) / determinant
      const perToken = (calls * other.lost - other.calls * lost) / determinant
      if (perCall >= 0 && perToken >= 0) lines.push([perCall, perToken])
    }
  }
  let best: [number, number] = [0, 0]
  let least = Number.POSITIVE_INFINITY
  for (const line of lines) {
    const [perCall, perToken] = line
    // Where steps are all that the two would explain, one is nearer to the truth.
    const worth = perCall > 0 && perToken > 0 ? 1 / BETTER : 1
    let deviation = 0
    for (const { lost, calls, tokens } of samples) {
      deviation += worth * Math.abs(lost - perCall * calls - perToken * tokens)
    }
    if (deviation < least) {
      least = deviation
      best = line
    }
  }
  return best
}

function commonDivisor(one: number, other: number): number {
  let [a, b] = [one, other]
  while (b > 0) [a, b] = [b, a % b]
  return a
}
