import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { forgetKey, forgetKeyHere } from '../../credentials/principals/index.ts'
import { toExpiry } from './expiry.ts'
import { toApiKey } from './key-view.ts'
import { keyNotFound, requireOwnKey } from './own-key.ts'
import { type KeyChanges, updateKey } from './queries.ts'
import type { ApiKey, KeyStatusInput, UpdateKeyInput } from './schemas.ts'

/**
 * Changes one of the person's own keys; absent fields stay, null takes a limit away. It acts at once
 * here, and elsewhere when what is remembered of the key runs out (`PRINCIPAL_CACHE_SECONDS`).
 *
 * @throws {AppError} `not_found`, also for somebody else's key; `validation_failed` when it would
 *   have expired already
 */
export async function changeKey(
  ctx: Ctx,
  id: number,
  input: z.output<typeof UpdateKeyInput>,
): Promise<z.input<typeof ApiKey>> {
  const { name, description, models, requests_per_minute, quota_per_day, quota_per_month } = input
  const { expires_at } = input
  return change(ctx, id, Object.keys(input), {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(models !== undefined && { models }),
    ...(requests_per_minute !== undefined && { requestsPerMinute: requests_per_minute }),
    ...(quota_per_day !== undefined && { quotaPerDay: quota_per_day }),
    ...(quota_per_month !== undefined && { quotaPerMonth: quota_per_month }),
    ...(expires_at !== undefined && { expiresAt: toExpiry(expires_at, ctx.clock.now()) }),
  })
}

/**
 * Switches a key off, or on again.
 *
 * @throws {AppError} `not_found`, also for somebody else's key
 */
export async function setKeyStatus(
  ctx: Ctx,
  id: number,
  input: z.output<typeof KeyStatusInput>,
): Promise<z.input<typeof ApiKey>> {
  return change(ctx, id, Object.keys(input), { isActive: input.is_active })
}

async function change(
  ctx: Ctx,
  id: number,
  fields: readonly string[],
  changes: KeyChanges,
): Promise<z.input<typeof ApiKey>> {
  const key = await requireOwnKey(ctx, id)
  await forgetKey(ctx, key.keyHash)
  try {
    const row = await updateKey(ctx, key, changes, fields)
    if (!row) throw keyNotFound()
    return toApiKey(row, ctx.clock.now())
  } finally {
    forgetKeyHere(key.keyHash)
  }
}
