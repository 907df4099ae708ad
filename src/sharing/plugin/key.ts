import { type Ctx, requirePerson } from '../../context.ts'
import { loadPerson } from '../../credentials/principals/index.ts'
import { AppError } from '../../errors.ts'
import { requirePlugin } from './client.ts'
import { pluginKeyOwner } from './key-owner.ts'
import { provision } from './provision.ts'
import { readKeys } from './queries.ts'

const MAX_CACHED = 10_000

/** Opened keys by owner and ciphertext: in memory, too, a sealed key opens for its owner alone. */
const opened = new Map<string, string>()

/**
 * The person's own key at the plug-in API. If it has not been provisioned yet, this use makes
 * another attempt.
 *
 * @throws {AppError} `plugin_not_configured`, `plugin_pending`
 */
export async function requirePluginKey(ctx: Ctx): Promise<string> {
  requirePlugin(ctx.services.plugin)
  const { userId, pluginKeyCiphertext } = requirePerson(ctx)
  return openPluginKey(ctx, userId, pluginKeyCiphertext ?? (await provisionNow(ctx, userId)))
}

/** Opens somebody's sealed key. */
export async function openPluginKey(
  ctx: Pick<Ctx, 'services'>,
  userId: number,
  ciphertext: string,
): Promise<string> {
  const name = `${userId}:${ciphertext}`
  const known = opened.get(name)
  if (known) return known
  const key = await ctx.services.secretBox.open(ciphertext, pluginKeyOwner(userId))
  if (opened.size >= MAX_CACHED) opened.clear()
  opened.set(name, key)
  return key
}

/** The keys of these people as they are stored, by who they are; none before it has been provisioned. */
export function sealedPluginKeysOf(
  { services }: Pick<Ctx, 'services'>,
  userIds: readonly number[],
): Promise<Map<number, string>> {
  return readKeys(services.db, userIds)
}

async function provisionNow(ctx: Ctx, userId: number): Promise<string> {
  await provision(ctx, userId)
  const person = await loadPerson(ctx, userId)
  if (person?.pluginKeyCiphertext) return person.pluginKeyCiphertext
  throw new AppError(
    'plugin_pending',
    'Your account at the AI service is still being set up. Try again in a moment.',
    {
      retryAfterSeconds: 5,
    },
  )
}
