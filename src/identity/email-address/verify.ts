import type { Ctx } from '../../context.ts'
import { claimedUser, claimToken, hashToken } from '../../credentials/one-time-tokens/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { deliverSoon, LINKS_AT_ONCE, mayAsk } from '../../notices/mail/index.ts'
import { foldName, prepareVerification, unverifiedOwner } from '../accounts/index.ts'
import { markVerified } from './queries.ts'

/**
 * Confirms an address with a token from a mail. Whoever reads the mails is known to have made the account
 * only if they are signed in to it, too; otherwise the claim stays open: what is in the account lets
 * nobody else in who proves the address later (`open_claim`), and a new password by mail ends it. A later
 * link that they open signed in closes the claim.
 *
 * @param holderId whoever is signed in where the link was opened; null: nobody
 * @throws {AppError} `invalid_one_time_token`; `email_taken` when another account was faster
 */
export async function verifyEmail(ctx: Ctx, token: string, holderId: number | null): Promise<void> {
  const { db } = ctx.services
  const hash = hashToken(token)
  const now = new Date(ctx.clock.now())
  const claimId = ctx.random.uuid()
  const claimed = claimedUser(hash, claimId)
  const [claims] = await atomically(db, [
    claimToken(db, { hash, purposes: ['verify_email'], claimId, now }),
    markVerified(db, claimed, holderId, now),
    auditRowFor(ctx, { event: 'email.verified' }, claimed),
  ]).catch((error: unknown) => {
    if (uniqueViolation(error) !== 'users_confirmed_email_unique') throw error
    throw new AppError('email_taken', 'Another account has confirmed this e-mail address.')
  })
  if ((claims as unknown[]).length === 0)
    throw new AppError(
      'invalid_one_time_token',
      'This link has been used, has run out or was replaced by a newer one. Ask for another.',
    )
}

/**
 * Mails the link once more, to somebody whose address waits for confirmation. Each of several who claim
 * one gets a link, which names the account, so that who reads there chooses. One and the same batch
 * runs whether or not there is such a person, and none beyond `MAILBOX_RATE_LIMIT`.
 */
export async function resendVerification(ctx: Ctx, name: string): Promise<void> {
  const nameKey = foldName(name)
  if (!(await mayAsk(ctx, 'verify_email', nameKey))) return
  const now = new Date(ctx.clock.now())
  const links = await Promise.all(
    Array.from({ length: LINKS_AT_ONCE }, () => prepareVerification(ctx)),
  )
  const statements = links.flatMap(
    (link, place) => link?.statements(unverifiedOwner(nameKey, now, place)) ?? [],
  )
  if (statements.length === 0) return
  await atomically(ctx.services.db, statements)
  deliverSoon(ctx, ...links.map((link) => link?.mail ?? null))
}
