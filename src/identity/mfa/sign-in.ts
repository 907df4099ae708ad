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
import { endAllSessions, endSession, type SignedIn, startSession } from '../sessions/index.ts'
import { offerProofSoon } from './offer-proof.ts'

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
  await verifySecondFactor(ctx, challenge.userId, proof, 'sign-in')
  return finish(ctx, token, challenge)
}

/** Adds an authenticator app in the middle of a sign-in, for somebody whose role must have one. */
export async function enrolAtSignIn(ctx: Ctx, token: string): Promise<Enrolment> {
  const challenge = await readChallenge(ctx, token, 'enrol')
  const user = await requireUser(ctx, challenge.userId)
  const { tenure } = challenge
  return beginEnrolment(ctx, { userId: user.id, username: user.username, tenure })
}

/** Completes both. */
export async function confirmAtSignIn(
  ctx: Ctx,
  token: string,
  code: string,
): Promise<SignedIn & { recovery_codes: string[] }> {
  const challenge = await readChallenge(ctx, token, 'enrol')
  const recoveryCodes = await confirmEnrolment(ctx, challenge, code, 'sign-in')
  const signedIn = await finish(ctx, token, challenge)
  // Sessions that have not seen the factor end; the codes have to arrive all the same.
  await endAllSessions(ctx, challenge.userId, signedIn.session_id).catch(() => undefined)
  offerProofSoon(ctx, challenge.userId)
  return { ...signedIn, recovery_codes: recoveryCodes }
}

async function finish(ctx: Ctx, token: string, challenge: Challenge): Promise<SignedIn> {
  await consumeChallenge(ctx, token)
  const user = await requireUser(ctx, challenge.userId)
  const { generation, replacesSessionId, tenure } = challenge
  if (user.tenure !== tenure)
    throw new AppError('invalid_token', 'This sign-in has expired. Begin with your password again.')
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
