import type { Ctx } from '../../context.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'

const key = (state: string) => `state:plugin:${sha256Hex(state)}`

/** Remembers for whom a state was minted: the plug-in attaches an account to the state, not to its caller. */
export async function rememberState(
  ctx: Ctx,
  state: string,
  userId: number,
  ttlSeconds: number,
): Promise<void> {
  await ctx.services.redis.set(key(state), String(userId), { ex: ttlSeconds })
}

/** Whether this person obtained that state. It stays until it is forgotten: the plug-in itself makes it single-use. */
export async function isOwnState(ctx: Ctx, state: string, userId: number): Promise<boolean> {
  return (await ctx.services.redis.get<string>(key(state))) === String(userId)
}

/** The state has been used up. */
export async function forgetState(ctx: Ctx, state: string): Promise<void> {
  await ctx.services.redis.del(key(state)).catch(() => undefined)
}
