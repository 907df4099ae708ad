import type { Ctx } from '../../context.ts'
import {
  claimedUser,
  claimToken,
  findLiveToken,
  hashToken,
  ownerOfClaim,
} from '../../credentials/one-time-tokens/index.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { clearCodeAttempts } from '../../credentials/totp/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { type EndedIdentity, endFormerWays, revokeKeysAtProof } from '../ownership/index.ts'
import { unlockAccount } from '../sessions/index.ts'
import { revokeGrants } from '../sso/index.ts'
import { setHashOf } from './queries.ts'
import { whileSignedOut } from './signed-out.ts'

/**
 * Sets a new password with a token from a mail, once; all sessions of the person end, and by default
 * their API keys. Where nobody had shown yet that the mailbox and the account belong together, everything
 * else that was a way in ends as well: somebody else may have made it.
 *
 * @param input `end_api_keys` false: keys that are known to be the person's go on
 * @returns how many API keys have ended
 * @throws {AppError} `invalid_one_time_token`, `validation_failed`
 */
export async function resetPassword(
  ctx: Ctx,
  input: { token: string; new_password: string; end_api_keys: boolean },
): Promise<number> {
  const { db } = ctx.services
  const hash = hashToken(input.token)
  const now = new Date(ctx.clock.now())
  // Asked before the costly hash, so that guessing tokens costs us nothing.
  const owner = await findLiveToken(db, hash, 'reset_password', now)
  if (!owner) throw expired()
  await requireGoodPassword(ctx, input.new_password, owner, 'new_password')
  const mail = await composeMail(ctx, { kind: 'password_changed' })

  const endsKeys = input.end_api_keys
  const claimId = ctx.random.uuid()
  const claimed = claimedUser(hash, claimId)
  const [claims, identities, , , , , keys] = await whileSignedOut(ctx, owner.userId, async () => {
    const passwordHash = await hashPassword(
      input.new_password,
      ctx.random.bytes(16),
      ctx.config.passwordCost,
    )
    await forgetPerson(ctx, owner.userId)
    return atomically(db, [
      claimToken(db, { hash, purposes: ['reset_password'], claimId, now }),
      ...endFormerWays(db, claimed),
      revokeKeysAtProof(db, claimed, now, endsKeys),
      setHashOf(db, claimed, { passwordHash, endsKeys, now }),
      auditRowFor(ctx, { event: 'password.reset' }, claimed),
      mail && outboxRowFor(db, mail, ownerOfClaim(hash, claimId)),
    ])
      .catch((error: unknown) => {
        // The mailbox is another account's by now, which has confirmed it since.
        throw uniqueViolation(error) === 'users_confirmed_email_unique' ? expired() : error
      })
      .finally(() => forgetPersonHere(owner.userId))
  })
  if ((claims as unknown[]).length === 0) throw expired()
  revokeGrants(ctx, identities as EndedIdentity[])
  ctx.waitUntil(unlockAccount(ctx.services.redis, owner.userId).catch(() => undefined))
  ctx.waitUntil(clearCodeAttempts(ctx, owner.userId).catch(() => undefined))
  deliverSoon(ctx, mail)
  return (keys as unknown[]).length
}

function expired(): AppError {
  return new AppError(
    'invalid_one_time_token',
    'This link has been used, has run out or was replaced by a newer one. Ask for another.',
  )
}
