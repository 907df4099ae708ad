import { errorName } from '../../../platform/logger.ts'
import { wakeSoon } from '../reserve/keep-reserves.ts'
import type { LookCtx } from '../reserve/look.ts'
import { noteEnded } from './switch-queries.ts'

/** Sooner than this no quota comes back. */
const FIRST_LOOK_MS = 5 * 60_000

/** What came to its end is switched off by the plug-in, and never on again by itself: somebody has to look. */
export function noteEndedModels(
  ctx: LookCtx,
  consumed: readonly { cookieId: string; model: string; quotaAfter: number }[],
): void {
  const ended = consumed.filter(({ quotaAfter }) => quotaAfter <= 0)
  if (ended.length === 0) return
  const models = new Map(
    ended.map(({ cookieId, model }) => [`${cookieId} ${model}`, { cookieId, model }]),
  )
  const at = new Date(ctx.clock.now() + FIRST_LOOK_MS)
  ctx.waitUntil(
    noteEnded(ctx.services.db, [...models.values()], at).then(
      () => wakeSoon(ctx, at),
      (error: unknown) =>
        ctx.logger.log('warn', 'ended_model_not_noted', { error: errorName(error) }),
    ),
  )
}
