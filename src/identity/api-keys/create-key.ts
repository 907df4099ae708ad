import type * as z from 'zod'
import { type Ctx, type KeyLimits, requirePerson } from '../../context.ts'
import { generateKey, rememberKey } from '../../credentials/principals/index.ts'
import { AppError } from '../../errors.ts'
import { scopesAbove } from '../../permissions.ts'
import { tellGate } from '../../sharing/quota/index.ts'
import { toExpiry } from './expiry.ts'
import { toApiKey } from './key-view.ts'
import { insertKey } from './queries.ts'
import type { CreatedKey, CreateKeyInput } from './schemas.ts'

/**
 * Makes an API key. The answer is the only place where the key itself ever appears.
 *
 * @throws {AppError} `validation_failed` when it would have expired already, `forbidden` for a scope
 *   above the owner's role
 */
export async function createKey(
  ctx: Ctx,
  input: z.output<typeof CreateKeyInput>,
): Promise<z.input<typeof CreatedKey>> {
  const { userId, trustLevel, role, keyTenure } = requirePerson(ctx)
  const above = scopesAbove(role, input.scopes ?? [])
  if (above.length > 0)
    throw new AppError(
      'forbidden',
      `Your role cannot give a key the scope "${above.join('", "')}".`,
    )
  const now = ctx.clock.now()
  const expiresAt = toExpiry(input.expires_at ?? null, now)
  const limits: KeyLimits = {
    models: input.models ?? null,
    requestsPerMinute: input.requests_per_minute ?? null,
    quotaPerDay: input.quota_per_day ?? null,
    quotaPerMonth: input.quota_per_month ?? null,
  }
  const { key, hash, preview } = generateKey(userId, ctx.random.bytes(32))
  const row = await insertKey(ctx, {
    userId,
    name: input.name ?? null,
    description: input.description ?? null,
    configType: input.config_type,
    scopes: input.scopes ?? null,
    madeAs: role,
    // Of somebody who is signed out everywhere at this moment it is dead when it comes into being.
    tenure: keyTenure,
    ...limits,
    keyHash: hash,
    keyPreview: preview,
    createdAt: new Date(now),
    expiresAt,
  })
  await rememberKey(ctx, hash, {
    apiKeyId: row.id,
    userId,
    configType: input.config_type,
    scopes: input.scopes ?? null,
    madeAs: role,
    tenure: keyTenure,
    limits,
    isActive: true,
    expiresAt: expiresAt?.getTime() ?? null,
  })
  // A key that is new is used soon.
  ctx.waitUntil(tellGate(ctx, { userId, trustLevel }).catch(() => undefined))
  return { ...toApiKey(row, now), key }
}
