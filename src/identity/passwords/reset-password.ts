import type { Ctx } from '../../context.ts'
import {
  claimedUser,
  claimToken,
  findLiveToken,
  hashToken,
  ownerOfClaim,
} from '../../credentials/one-time-tokens/index.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { unlockAccount } from '../sessions/index.ts'
import { setHashOf } from './queries.ts'
import { whileSignedOut } from './signed-out.ts'

/**
 * Sets a new password with a token from a mail, once; all sessions of the person end.
 *
 * @throws {AppError} `invalid_one_time_token`, `validation_failed`
 */
export async function resetPassword(
  ctx: Ctx,
  input: { token: string; new_password: string },
): Promise<void> {
  const { db } = ctx.services
  const hash = hashToken(input.token)
  const now = new Date(ctx.clock.now())
  // Asked before the costly hash, so that guessing tokens costs us nothing.
  const owner = await findLiveToken(db, hash, 'reset_password', now)
  if (!owner) throw expired()
  requireGoodPassword(input.new_password, owner, 'new_password')
  const mail = await composeMail(ctx, { kind: 'password_changed' })

  const claimId = ctx.random.uuid()
  const claimed = claimedUser(hash, claimId)
  const [claims] = await whileSignedOut(ctx, owner.userId, async () => {
    const passwordHash = await hashPassword(
      input.new_password,
      ctx.random.bytes(16),
      ctx.config.passwordCost,
    )
    return atomically(db, [
      claimToken(db, { hash, purposes: ['reset_password'], claimId, now }),
      setHashOf(db, claimed, passwordHash, now),
      auditRowFor(ctx, { event: 'password.reset' }, claimed),
      mail && outboxRowFor(db, mail, ownerOfClaim(hash, claimId)),
    ]).catch((error: unknown) => {
      // The mailbox is another account's by now, which has confirmed it since.
      throw uniqueViolation(error) === 'users_confirmed_email_unique' ? expired() : error
    })
  })
  if ((claims as unknown[]).length === 0) throw expired()
  ctx.waitUntil(unlockAccount(ctx.services.redis, owner.userId).catch(() => undefined))
  deliverSoon(ctx, mail)
}

function expired(): AppError {
  return new AppError(
    'invalid_one_time_token',
    'This link has been used, has run out or was replaced by a newer one. Ask for another.',
  )
}
