import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import {
  beginEnrolment,
  confirmEnrolment,
  countRecoveryCodes,
  type Enrolment,
  hasSecondFactor,
  isSecondFactorRequired,
  removeSecondFactor,
  replaceRecoveryCodes,
} from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { errorName } from '../../platform/logger.ts'
import { endAllSessions, markSecondFactor } from '../sessions/index.ts'
import { offerProofSoon } from './offer-proof.ts'
import { type Proof, requireStepUp } from './require-step-up.ts'
import type { SecondFactorStatus } from './schemas.ts'

export async function readStatus(ctx: Ctx): Promise<z.input<typeof SecondFactorStatus>> {
  const { userId, role } = requirePerson(ctx)
  const [enabled, left] = await Promise.all([
    hasSecondFactor(ctx, userId),
    countRecoveryCodes(ctx.services.db, userId),
  ])
  return { enabled, required: isSecondFactorRequired(ctx, role), recovery_codes_left: left }
}

/** @throws {AppError} `step_up_required`, `conflict` */
export async function beginOwnEnrolment(ctx: Ctx, proof: Proof): Promise<Enrolment> {
  const person = requirePerson(ctx)
  await requireStepUp(ctx, proof)
  return beginEnrolment(ctx, person)
}

/**
 * Completes it; all other sessions end, and the session in use counts as one with a second factor from now on.
 *
 * @throws {AppError} `invalid_code`, `conflict`, `account_locked`
 */
export async function confirmOwnEnrolment(ctx: Ctx, code: string): Promise<string[]> {
  const person = requirePerson(ctx)
  const codes = await confirmEnrolment(ctx, person, code, 'signed-in')
  // Whoever else is signed in has not given the factor, and could have been its reason.
  await endOtherSessions(ctx, person.userId)
  offerProofSoon(ctx, person.userId)
  // The codes are shown only now: whatever else fails, they have to arrive.
  await markSecondFactor(ctx).catch(() => undefined)
  return codes
}

/** The codes are shown only now, and have to arrive: an outage is written down and no more. */
async function endOtherSessions(ctx: Ctx, userId: number): Promise<void> {
  const keep = ctx.actor.type === 'session' ? ctx.actor.sessionId : undefined
  await endAllSessions(ctx, userId, keep).catch((error: unknown) =>
    ctx.logger.log('error', 'sessions_not_ended', {
      request_id: ctx.requestId,
      user_id: userId,
      error: errorName(error),
    }),
  )
}

/** @throws {AppError} `step_up_required`, `invalid_code`; `forbidden` where the role must have one */
export async function disableSecondFactor(ctx: Ctx, proof: Proof): Promise<void> {
  const { userId, role } = requirePerson(ctx)
  if (isSecondFactorRequired(ctx, role))
    throw new AppError('forbidden', 'Your role must have a second factor.')
  await requireStepUp(ctx, proof)
  await removeSecondFactor(ctx, userId, 'second_factor.disabled')
}

/** @throws {AppError} `step_up_required`, `invalid_code` */
export async function renewRecoveryCodes(ctx: Ctx, proof: Proof): Promise<string[]> {
  const { userId } = requirePerson(ctx)
  await requireStepUp(ctx, proof)
  if (!(await hasSecondFactor(ctx, userId)))
    throw new AppError('conflict', 'You have no second factor.')
  return replaceRecoveryCodes(ctx, userId)
}
