import type { Ctx } from '../context.ts'
import type { ModelFacts } from '../metering/catalog/index.ts'
import { remainingHeaders } from '../sharing/quota/index.ts'

/** Says how much of the pool is left, as far as this isolate knows. */
export function withQuota(ctx: Ctx, answer: Response, facts: ModelFacts): Response {
  for (const [name, value] of remainingHeaders(ctx, facts)) answer.headers.set(name, value)
  return answer
}
