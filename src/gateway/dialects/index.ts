import type { Ctx } from '../../context.ts'
import { antigravity } from './antigravity/index.ts'
import type { Dialect } from './dialect.ts'
import { openai } from './openai/index.ts'

const DIALECTS = { antigravity, openai } satisfies Record<string, Dialect>

/** The dialect of the server behind this deployment. */
export function dialectOf(ctx: Pick<Ctx, 'config'>): Dialect {
  return DIALECTS[ctx.config.PLUGIN_API_DIALECT]
}

export type * from './dialect.ts'
export type { TokenUsage } from './token-usage.ts'
export { withoutOperator } from './without-operator.ts'
