import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { hasSecondFactor, verifySecondFactor } from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { checkOwnPassword, markFreshLogin, requireFreshLogin } from '../sessions/index.ts'

/** For so long after signing in the password is not asked for again. */
const FRESH_SECONDS = 300

/** What people prove with that it is them. */
export const Proof = z.object({
  password: z
    .string()
    .max(1024)
    .optional()
    .describe('May be left out for five minutes after signing in.'),
  code: z.string().max(20).optional().describe('From the authenticator app, if there is one.'),
  recovery_code: z.string().max(40).optional().describe('Instead of the code.'),
})
export type Proof = z.output<typeof Proof>

/**
 * Demands that whoever holds the access token proves again who they are: by the password or a recent
 * sign-in, and by the second factor where there is one.
 *
 * @throws {AppError} `step_up_required`, `invalid_code`, `account_locked`; `forbidden` for an API key
 */
export async function requireStepUp(ctx: Ctx, proof: Proof): Promise<void> {
  requirePerson(ctx)
  if (proof.password === undefined) requireRecentLogin(ctx)
  else await requirePassword(ctx, proof.password)

  await requireSecondFactor(ctx, proof)
  if (proof.password !== undefined) await markFreshLogin(ctx)
}

/**
 * Demands the second factor of whoever is signed in, where there is one.
 *
 * @throws {AppError} `step_up_required`, `invalid_code`, `account_locked`
 */
export async function requireSecondFactor(
  ctx: Ctx,
  proof: Pick<Proof, 'code' | 'recovery_code'>,
): Promise<void> {
  const { userId } = requirePerson(ctx)
  if (!(await hasSecondFactor(ctx, userId))) return
  if (proof.code === undefined && proof.recovery_code === undefined)
    throw new AppError('step_up_required', 'Send a "code" from your authenticator app, too.')
  await verifySecondFactor(ctx, userId, proof, 'signed-in')
}

function requireRecentLogin(ctx: Ctx): void {
  try {
    requireFreshLogin(ctx, FRESH_SECONDS)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'fresh_login_required')) throw error
    throw new AppError('step_up_required', 'Send your "password", or sign in again first.')
  }
}

async function requirePassword(ctx: Ctx, password: string): Promise<void> {
  try {
    await checkOwnPassword(ctx, password)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'invalid_credentials')) throw error
    throw new AppError('step_up_required', 'This is not your password.')
  }
}
