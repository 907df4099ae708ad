import type { Ctx } from '../context.ts'
import type { Face } from '../db/schema/index.ts'
import type { ModelFacts } from '../metering/catalog/index.ts'
import type { HeaderLine } from '../platform/http/headers.ts'
import { type KnownPool, knownPool, remainingHeaders } from '../sharing/quota/index.ts'

type Spoken = Exclude<Face, 'any'>

/** An empty pool is full again after so long. */
const WINDOW_MINUTES = 300

/** Says how much of the pool is left, as far as this isolate knows. */
export function withQuota(ctx: Ctx, answer: Response, facts: ModelFacts, face: Spoken): Response {
  for (const [name, value] of quotaHeaders(ctx, facts, face)) answer.headers.set(name, value)
  return answer
}

/** What is left, in our own words and in those that a face's clients look for. */
export function quotaHeaders(ctx: Ctx, facts: ModelFacts, face: Spoken): HeaderLine[] {
  const pool = knownPool(ctx, facts)
  if (!pool) return []
  const ours = remainingHeaders(ctx, facts, pool)
  if (pool.ceiling <= 0) return ours
  const used = Math.min(1, Math.max(0, 1 - pool.left / pool.ceiling))
  const resetSeconds = Math.ceil((ctx.clock.now() + pool.fullInMs) / 1000)
  switch (face) {
    case 'responses':
      return [...ours, ...codexHeaders(used, resetSeconds)]
    case 'messages':
      return [...ours, ...anthropicHeaders(ours, { used, resetSeconds, pool })]
    default:
      return ours
  }
}

/** What Codex shows as its limit: https://github.com/openai/codex, codex-api's `rate_limits.rs`. */
function codexHeaders(used: number, resetSeconds: number): HeaderLine[] {
  return [
    ['x-codex-primary-used-percent', (used * 100).toFixed(1)],
    ['x-codex-primary-window-minutes', String(WINDOW_MINUTES)],
    ['x-codex-primary-reset-at', String(resetSeconds)],
  ]
}

/** https://docs.claude.com/en/api/rate-limits#response-headers, and what a subscription is told. */
function anthropicHeaders(
  ours: readonly HeaderLine[],
  { used, resetSeconds, pool }: { used: number; resetSeconds: number; pool: KnownPool },
): HeaderLine[] {
  const tokens = (what: string) => ours.find(([name]) => name === `x-ratelimit-${what}-tokens`)?.[1]
  const [limit, remaining] = [tokens('limit'), tokens('remaining')]
  const status = pool.left > 0 ? 'allowed' : 'rejected'
  const prefix = 'anthropic-ratelimit'
  return [
    [`${prefix}-unified-status`, status],
    [`${prefix}-unified-representative-claim`, 'five_hour'],
    [`${prefix}-unified-reset`, String(resetSeconds)],
    [`${prefix}-unified-5h-status`, status],
    [`${prefix}-unified-5h-utilization`, used.toFixed(4)],
    [`${prefix}-unified-5h-reset`, String(resetSeconds)],
    ...(limit && remaining
      ? ([
          [`${prefix}-tokens-limit`, limit],
          [`${prefix}-tokens-remaining`, remaining],
          [`${prefix}-tokens-reset`, new Date(resetSeconds * 1000).toISOString()],
        ] satisfies HeaderLine[])
      : []),
  ]
}
