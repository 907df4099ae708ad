import type { Ctx } from '../../context.ts'
import {
  beginEnrolment,
  type Challenge,
  confirmEnrolment,
  consumeChallenge,
  type Enrolment,
  readChallenge,
  type SecondFactorProof,
  verifySecondFactor,
} from '../../credentials/totp/index.ts'
import { AppError } from '../../errors.ts'
import { asOf, findUserById, type UserRow } from '../accounts/index.ts'
import { endSession, type SignedIn, startSession } from '../sessions/index.ts'

/**
 * The second step of a sign-in.
 *
 * @throws {AppError} `invalid_token` for a token that is not (or no longer) good for this step,
 *   `invalid_code`, `account_locked`
 */
export async function verifySignIn(
  ctx: Ctx,
  token: string,
  proof: SecondFactorProof,
): Promise<SignedIn> {
  const challenge = await readChallenge(ctx, token, 'verify')
  await verifySecondFactor(ctx, challenge.userId, proof)
  return finish(ctx, token, challenge)
}

/** Adds an authenticator app in the middle of a sign-in, for somebody whose role must have one. */
export async function enrolAtSignIn(ctx: Ctx, token: string): Promise<Enrolment> {
  const challenge = await readChallenge(ctx, token, 'enrol')
  const user = await requireUser(ctx, challenge.userId)
  return beginEnrolment(ctx, { userId: user.id, username: user.username })
}

/** Completes both. */
export async function confirmAtSignIn(
  ctx: Ctx,
  token: string,
  code: string,
): Promise<SignedIn & { recovery_codes: string[] }> {
  const challenge = await readChallenge(ctx, token, 'enrol')
  const recoveryCodes = await confirmEnrolment(ctx, challenge.userId, code)
  return { ...(await finish(ctx, token, challenge)), recovery_codes: recoveryCodes }
}

async function finish(ctx: Ctx, token: string, challenge: Challenge): Promise<SignedIn> {
  await consumeChallenge(ctx, token)
  const user = await requireUser(ctx, challenge.userId)
  const { generation, replacesSessionId } = challenge
  const signedIn = await startSession(ctx, user, {
    generation: generation ?? undefined,
    hasSecondFactor: true,
  })
  // It is good for nothing without the second factor; this only tidies up.
  if (replacesSessionId !== null)
    ctx.waitUntil(endSession(ctx, user.id, replacesSessionId).catch(() => undefined))
  return signedIn
}

async function requireUser(ctx: Ctx, userId: number): Promise<UserRow> {
  const found = await findUserById(ctx.services.db, userId)
  const user = found && asOf(found, ctx.clock.now())
  if (!user?.isActive)
    throw new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
  return user
}
