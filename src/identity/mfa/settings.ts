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
import { markSecondFactor } from '../sessions/index.ts'
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
 * Completes it; the session in use counts as one with a second factor from now on.
 *
 * @throws {AppError} `invalid_code`, `conflict`, `account_locked`
 */
export async function confirmOwnEnrolment(ctx: Ctx, code: string): Promise<string[]> {
  const codes = await confirmEnrolment(ctx, requirePerson(ctx).userId, code)
  // The codes are shown only now: whatever else fails, they have to arrive.
  await markSecondFactor(ctx).catch(() => undefined)
  return codes
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
