import type { Ctx } from '../../context.ts'
import type { ModelFacts } from '../../metering/catalog/index.ts'
import { PER_UNIT } from '../../platform/units.ts'

/** How long a plug-in that keeps no consumption log is believed to keep none. */
const NO_LOG_MS = 10 * 60_000

let noLogUntil = 0

/** The plug-in keeps no consumption log: tokens are counted instead. */
export function noteNoConsumptionLog({ clock }: Pick<Ctx, 'clock'>): void {
  noLogUntil = clock.now() + NO_LOG_MS
}

/** Whether use is counted in tokens: a plain server knows nothing of accounts. */
export function isMeteredByTokens({ config, clock }: Pick<Ctx, 'config' | 'clock'>): boolean {
  return config.PLUGIN_API_DIALECT === 'openai' || clock.now() < noLogUntil
}

/**
 * What so many tokens of a model use, in 1/10,000 unit, rounded up. `TOKENS_PER_UNIT` tokens of a
 * model with weight 1 are one unit.
 */
export function chargeOf(
  { config }: Pick<Ctx, 'config'>,
  { weight }: Pick<ModelFacts, 'weight'>,
  tokens: number,
): number {
  // The weight is in 1/10,000 too: the two cancel out.
  return Math.ceil((tokens * weight) / config.TOKENS_PER_UNIT)
}

/** What a call is known to need before it is made. */
export interface ForeseenCall {
  /** The most that what the model reads can come to. */
  promptTokens: number
  /** Longest answer that the request allows; null: no limit. */
  maxAnswerTokens: number | null
  /** How many answers it asks for; each may be that long. */
  answers: number
}

/**
 * What to reserve for a call, in 1/10,000 unit; at least 1. Where tokens are counted it is never less
 * than the call can cost: its longest answer, or what the model can give where it says nothing.
 */
export function estimateCharge(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  facts: ModelFacts,
  { promptTokens, maxAnswerTokens, answers }: ForeseenCall,
): number {
  const { requestEstimate } = facts
  if (!isMeteredByTokens(ctx)) return Math.max(1, requestEstimate ?? ctx.config.QUOTA_ESTIMATE)
  if (maxAnswerTokens === null && requestEstimate !== null) {
    return bounded(requestEstimate * answers)
  }
  const longest = maxAnswerTokens ?? ctx.config.MAX_ANSWER_TOKENS
  return bounded(chargeOf(ctx, facts, promptTokens + longest * answers))
}

/** More than any pool holds says no more than that. */
const bounded = (charge: number) => Math.min(Math.max(1, charge), PER_UNIT * 1_000_000)
