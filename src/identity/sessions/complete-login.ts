import type { Ctx } from '../../context.ts'
import { beginSecondStep, CHALLENGE_SECONDS } from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { fillSkeletonSoon, type UserRow, upgradeHashSoon } from '../accounts/index.ts'
import type { CheckedPerson } from './login.ts'
import { type SignedIn, startSession } from './start-session.ts'

/** What somebody gets who owes the second factor. */
export interface SecondStep {
  mfa_required: true
  mfa_token: string
  expires_in: number
  enrolment_required: boolean
}

/**
 * What follows whichever first proof of who somebody is: their address must be confirmed where the
 * server demands it, then comes the second factor, then the session.
 *
 * @param password when it was the proof: an outdated hash is replaced
 * @throws {AppError} `email_not_verified`
 */
export async function completeLogin(
  ctx: Ctx,
  { user, generation }: Pick<CheckedPerson, 'user'> & Partial<CheckedPerson>,
  password?: string,
): Promise<SignedIn | SecondStep> {
  requireVerifiedAddress(ctx, user)
  const second = await beginSecondStep(ctx, user, { generation })
  if (second) return toSecondStep(second)
  const answer = await startSession(ctx, user, { generation })
  fillSkeletonSoon(ctx, user)
  if (password !== undefined) upgradeHashSoon(ctx, user, password)
  return answer
}

export function toSecondStep(
  second: NonNullable<Awaited<ReturnType<typeof beginSecondStep>>>,
): SecondStep {
  return {
    mfa_required: true,
    mfa_token: second.token,
    expires_in: CHALLENGE_SECONDS,
    enrolment_required: second.step === 'enrol',
  }
}

function requireVerifiedAddress(ctx: Ctx, user: UserRow): void {
  if (!ctx.config.REQUIRE_VERIFIED_EMAIL || user.email === null || user.emailVerifiedAt) return
  // Somebody has the right password: its owner wants to read of it as of any other attempt.
  recordSoon(ctx, {
    event: 'login.failed',
    userId: user.id,
    outcome: 'failure',
    details: { reason: 'email_not_verified' },
  })
  throw new AppError(
    'email_not_verified',
    'Confirm your e-mail address first: a link was mailed to you.',
  )
}
