import type { Ctx } from '../../context.ts'
import { ID_TOKEN_ALGORITHMS } from '../../db/schema/oauth.ts'
import { AppError } from '../../errors.ts'
import { requirePermission } from '../../permissions.ts'
import { STALE_MS } from './key-ring.ts'
import { ringIdOf } from './kid.ts'
import { newKey } from './new-key.ts'
import {
  deleteExpiredKeys,
  listSigningKeys,
  replaceKey,
  retireOtherAlgorithms,
  type SigningKeyRow,
} from './queries.ts'

const DAY_MS = 86_400_000

/**
 * Lets a new key sign from now on. What the old one has signed stays good until it expires.
 *
 * @returns the key that signs now, also when somebody else has just rotated
 * @throws {AppError} `forbidden`
 */
export async function rotateNow(ctx: Ctx): Promise<SigningKeyRow> {
  requirePermission(ctx, 'signing-keys:manage')
  const previous = await currentRow(ctx)
  await replace(ctx, previous)
  return currentRow(ctx)
}

/** Cron: a new key when the one that signs is old enough, and an end to those that nothing needs any more. */
export async function rotateDue(ctx: Ctx): Promise<number> {
  requirePermission(ctx, 'signing-keys:manage')
  const { config, services } = ctx
  const nowMs = ctx.clock.now()
  let changed = await retireOtherAlgorithms(
    services.db,
    ringIdOf(config.JWT_SECRET_KEY),
    [config.JWT_ALGORITHM, ...ID_TOKEN_ALGORITHMS],
    new Date(nowMs),
    verifiesUntil(ctx),
  )
  await currentRow(ctx)
  for (const key of await rowsOf(ctx)) {
    const isDue = nowMs - key.createdAt.getTime() >= config.JWT_ROTATION_DAYS * DAY_MS
    if (key.retiredAt === null && isDue && (await replace(ctx, key))) changed += 1
  }
  changed += await deleteExpiredKeys(services.db, new Date(nowMs))
  if (changed > 0) services.keyRing.forget()
  return changed
}

/** The keys that sign or verify now, newest first; without any secret. */
export async function listKeys(ctx: Ctx): Promise<SigningKeyRow[]> {
  requirePermission(ctx, 'signing-keys:manage')
  return rowsOf(ctx)
}

async function replace(ctx: Ctx, { id, algorithm }: SigningKeyRow): Promise<boolean> {
  const { config, random, services } = ctx
  const { secretBox } = services
  const key = await newKey({ config, random, secretBox }, ctx.clock.now(), algorithm)
  const isReplaced = await replaceKey(services.db, id, key, verifiesUntil(ctx), ctx)
  services.keyRing.forget()
  return isReplaced
}

/** The key that signs, as the database has it: an isolate's own ring may be a minute behind. */
async function currentRow(ctx: Ctx): Promise<SigningKeyRow> {
  const signing = async () =>
    (await rowsOf(ctx)).find(
      ({ retiredAt, algorithm }) => retiredAt === null && algorithm === ctx.config.JWT_ALGORITHM,
    )
  let row = await signing()
  if (!row) {
    // A deployment's first key is made where one is asked for.
    ctx.services.keyRing.forget()
    await ctx.services.keyRing.current(ctx.clock.now())
    row = await signing()
  }
  if (!row)
    throw new AppError('conflict', 'The keys are being changed by somebody else. Try again.')
  return row
}

function rowsOf({ config, services, clock }: Ctx): Promise<SigningKeyRow[]> {
  return listSigningKeys(services.db, ringIdOf(config.JWT_SECRET_KEY), new Date(clock.now()))
}

/** When the last token of a key retired now has expired, also one from an isolate that has not heard of it. */
function verifiesUntil({ config, clock }: Ctx): Date {
  const longest = Math.max(config.accessTokenTtlSeconds, config.refreshTokenTtlSeconds)
  return new Date(clock.now() + longest * 1000 + STALE_MS)
}
