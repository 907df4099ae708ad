import type { Ctx } from '../../context.ts'
import { remainingQuota } from '../quota/index.ts'

/** Says how much of the pool is left, as far as this isolate knows. */
export function withQuota(ctx: Ctx, answer: Response, group: string): Response {
  const remaining = remainingQuota(ctx, group)
  if (remaining !== null) answer.headers.set('x-quota-remaining', remaining.toFixed(4))
  return answer
}
