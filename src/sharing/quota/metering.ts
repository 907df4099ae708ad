import type { Ctx } from '../../context.ts'
import type { ModelFacts } from '../../metering/catalog/index.ts'
import { PER_UNIT } from '../../platform/units.ts'

/** How long a plug-in that keeps no consumption log is believed to keep none. */
const NO_LOG_MS = 10 * 60_000
/** What an answer is expected to be long where the request does not limit it, in tokens. */
const EXPECTED_ANSWER_TOKENS = 1_000

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
  promptTokens: number
  /** Longest answer that the request allows; null: no limit. */
  maxAnswerTokens: number | null
}

/** What to reserve for a call, in 1/10,000 unit; at least 1. */
export function estimateCharge(
  ctx: Pick<Ctx, 'config' | 'clock'>,
  facts: ModelFacts,
  { promptTokens, maxAnswerTokens }: ForeseenCall,
): number {
  if (facts.requestEstimate !== null) return Math.max(1, facts.requestEstimate)
  if (!isMeteredByTokens(ctx)) return ctx.config.QUOTA_ESTIMATE
  const answer = Math.min(maxAnswerTokens ?? EXPECTED_ANSWER_TOKENS, PER_UNIT * 100)
  return Math.max(1, chargeOf(ctx, facts, promptTokens + answer))
}
