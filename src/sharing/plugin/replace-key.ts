import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere, loadPerson } from '../../credentials/principals/index.ts'
import { openPluginKey } from './key.ts'
import { provision } from './provision.ts'
import { reopen } from './queries.ts'

/** So often at most is a person's key replaced: one that is refused anew has another reason. */
const AGAIN_MS = 60_000

/**
 * Gets a person another key, after the plug-in has refused the one that they have: it was made anew
 * there, its user is gone, or an older database is back. Their user is found by its name, or made.
 *
 * @param dead the sealed key that was refused
 * @returns the key that they have now, opened; null where there is no other
 */
export async function replaceKey(
  ctx: Ctx,
  userId: number,
  dead: string | null,
): Promise<string | null> {
  const now = ctx.clock.now()
  const known = (await loadPerson(ctx, userId))?.pluginKeyCiphertext
  // Somebody else was quicker.
  if (known && known !== dead) return openPluginKey(ctx, userId, known)
  const isOurs =
    dead !== null &&
    (await reopen(ctx.services.db, userId, dead, new Date(now), new Date(now - AGAIN_MS)))
  if (!isOurs) return null
  ctx.logger.log('warn', 'plugin_key_refused', { user_id: userId })
  await forgetPerson(ctx, userId)
  await provision(ctx, userId)
  forgetPersonHere(userId)
  const next = (await loadPerson(ctx, userId))?.pluginKeyCiphertext
  return next ? openPluginKey(ctx, userId, next) : null
}
