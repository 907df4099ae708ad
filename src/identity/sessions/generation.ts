import type { Ctx } from '../../context.ts'
import { newGeneration } from './end-sessions.ts'
import { currentGeneration as ensureGeneration, generationKey } from './store.ts'

type GenerationCtx = Pick<Ctx, 'config' | 'services' | 'random'>

/** The name of a person's present sessions; there is one from now on. What is begun now ends with them. */
export function currentGeneration(ctx: GenerationCtx, userId: number): Promise<string> {
  return ensureGeneration(ctx.services.redis, userId, {
    generation: newGeneration(ctx),
    ttlMs: ctx.config.sessionMaxSeconds * 1000,
  })
}

/** The same without making one; null: the person is signed in nowhere. */
export function generationOf(ctx: Pick<Ctx, 'services'>, userId: number): Promise<string | null> {
  return ctx.services.redis.get<string>(generationKey(userId))
}
