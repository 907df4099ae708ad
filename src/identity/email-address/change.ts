import { type Ctx, requirePerson } from '../../context.ts'
import {
  claimedUser,
  claimToken,
  hashToken,
  newToken,
  putToken,
} from '../../credentials/one-time-tokens/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import type { TokenPurpose } from '../../db/schema/index.ts'
import { AppError } from '../../errors.ts'
import { auditRow, auditRowFor } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRow, outboxRowFor } from '../../notices/mail/index.ts'
import { rateHeaders } from '../../platform/rate-limit.ts'
import { foldName } from '../accounts/index.ts'
import { type Proof, requireStepUp } from '../mfa/index.ts'
import {
  agreedBy,
  applyChange,
  confirmSide,
  deleteChange,
  findAddress,
  oldAddressOf,
  upsertChange,
} from './queries.ts'

const LIFE_HOURS = 24

/**
 * Begins a change of address: both mailboxes have to agree. That somebody has the new address
 * already shows only to its owner, who would have to agree.
 *
 * The mail to the new one leaves only while that mailbox may get more (`MAILBOX_RATE_LIMIT`), which
 * the caller does not learn.
 *
 * @throws {AppError} `step_up_required`, `rate_limited`, `invalid_request` where no mail can be sent
 */
export async function requestEmailChange(ctx: Ctx, newEmail: string, proof: Proof): Promise<void> {
  const { db } = ctx.services
  const { userId, tenure } = requirePerson(ctx)
  await requireStepUp(ctx, proof)
  await takeChange(ctx, userId)
  const current = await findAddress(db, userId)
  if (!current) throw new AppError('invalid_token', 'Could not validate credentials.')
  // An address that nobody has confirmed may be a slip of the pen: nobody reads there.
  const oldEmail = current.emailVerifiedAt ? current.email : null

  const now = new Date(ctx.clock.now())
  const expiresAt = new Date(now.getTime() + LIFE_HOURS * 3_600_000)
  const forNew = await linkMail(ctx, 'change_email_new', newEmail)
  const forOld = oldEmail ? await linkMail(ctx, 'change_email_old', newEmail) : null
  const store = (link: LinkMail, purpose: TokenPurpose, recipient: string) => [
    putToken(db, { hash: link.hash, purpose, userId, email: recipient, now, expiresAt }),
    outboxRow(db, { ...link.mail, userId, recipient }),
  ]
  await atomically(db, [
    upsertChange(db, {
      userId,
      newEmail,
      newEmailKey: foldName(newEmail),
      oldConfirmedAt: oldEmail ? null : now,
      tenure,
      expiresAt,
    }),
    ...store(forNew, 'change_email_new', newEmail),
    ...(forOld && oldEmail ? store(forOld, 'change_email_old', oldEmail) : []),
    auditRow(ctx, { event: 'email.change_requested', userId }),
  ])
  deliverSoon(ctx, forNew.mail, forOld?.mail ?? null)
}

/** Counts what the person asks for: as many as a mailbox may get, for each is a mail to their own, too. */
async function takeChange({ config, services, clock }: Ctx, userId: number): Promise<void> {
  const policy = { name: 'email_change', ...config.rateLimits.mailbox }
  const verdict = await services.rateLimiter.take(policy, String(userId), clock.now())
  if (verdict.isAllowed) return
  throw new AppError('rate_limited', 'You change your address too often. Try again later.', {
    retryAfterSeconds: verdict.resetSeconds,
    headers: Object.fromEntries(rateHeaders(verdict)),
  })
}

type LinkMail = Awaited<ReturnType<typeof linkMail>>

async function linkMail(ctx: Ctx, kind: 'change_email_old' | 'change_email_new', newEmail: string) {
  const { token, hash } = newToken(ctx)
  const lifeMs = LIFE_HOURS * 3_600_000
  const mail = await composeMail(ctx, { kind, token, newEmail, hours: LIFE_HOURS }, lifeMs)
  if (!mail)
    throw new AppError('invalid_request', 'This server sends no mail, so no address can change.')
  return { hash, mail }
}

/**
 * One mailbox agrees. When both have, the address changes.
 *
 * @param holderId whoever is signed in where the link was opened; null: nobody
 * @returns whether the address is changed now
 * @throws {AppError} `invalid_one_time_token`, `email_taken`
 */
export async function confirmEmailChange(
  ctx: Ctx,
  token: string,
  holderId: number | null,
): Promise<boolean> {
  const { db } = ctx.services
  const hash = hashToken(token)
  const now = new Date(ctx.clock.now())
  const claimId = ctx.random.uuid()
  const notice = await composeMail(ctx, { kind: 'email_changed' })
  const run = (purpose: 'change_email_old' | 'change_email_new') => {
    const claimed = claimedUser(hash, claimId)
    const agreed = agreedBy(claimed, now)
    return atomically(db, [
      claimToken(db, { hash, purposes: [purpose], claimId, now }),
      confirmSide(db, claimed, purpose === 'change_email_old' ? 'old' : 'new', { holderId, now }),
      notice && outboxRowFor(db, notice, oldAddressOf(agreed)),
      auditRowFor(ctx, { event: 'email.changed' }, agreed),
      applyChange(db, agreed, now),
      deleteChange(db, agreed),
    ])
  }
  try {
    for (const purpose of ['change_email_new', 'change_email_old'] as const) {
      const results = await run(purpose)
      if ((results[0] as unknown[]).length === 0) continue
      deliverSoon(ctx, notice)
      return (results.at(-2) as unknown[]).length > 0
    }
  } catch (error) {
    if (uniqueViolation(error) !== 'users_confirmed_email_unique') throw error
    throw new AppError('email_taken', 'Another account has this e-mail address.')
  }
  throw new AppError(
    'invalid_one_time_token',
    'This link has been used, has run out or belongs to a change that was begun anew.',
  )
}
