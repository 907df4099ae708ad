import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { killTokens } from '../../credentials/one-time-tokens/index.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRow } from '../../notices/mail/index.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { requireSecondFactor } from '../mfa/index.ts'
import { countKeyTenure, revokeKeys } from '../ownership/index.ts'
import { checkOwnPassword, requireFreshLogin } from '../sessions/index.ts'
import { findHash, hashIs, ifWanted, replaceHash } from './queries.ts'
import type { ChangePasswordInput } from './schemas.ts'
import { whileSignedOut } from './signed-out.ts'

/** How recent the sign-in of somebody without a password must be. */
const FRESH_SECONDS = 300

/**
 * Changes the person's own password. All other sessions end; API keys do where the person wants it.
 *
 * @returns how many API keys have ended
 * @throws {AppError} `validation_failed` for a wrong old password or a weak new one,
 *   `account_locked`, `fresh_login_required`, `step_up_required`, `invalid_code`
 */
export async function changePassword(
  ctx: Ctx,
  input: z.output<typeof ChangePasswordInput>,
): Promise<number> {
  const { db } = ctx.services
  const { userId } = requirePerson(ctx)
  const person = await findHash(db, userId)
  if (!person) throw new AppError('invalid_token', 'Could not validate credentials.')
  if (person.passwordHash === null) requireFreshLogin(ctx, FRESH_SECONDS)
  else await requireOldPassword(ctx, input.old_password)
  await requireSecondFactor(ctx, input)
  if (input.new_password === input.old_password)
    throw invalid('new_password', 'Choose a password that differs from the old one.')
  await requireGoodPassword(ctx, input.new_password, person, 'new_password')

  const now = new Date(ctx.clock.now())
  const passwordHash = await hashPassword(
    input.new_password,
    ctx.random.bytes(16),
    ctx.config.passwordCost,
  )
  const mail = person.email ? await composeMail(ctx, { kind: 'password_changed' }) : null
  const isDone = hashIs(userId, passwordHash)
  const endsKeys = ifWanted(input.end_api_keys, isDone)
  if (input.end_api_keys) await forgetPerson(ctx, userId)
  const [changed, keys] = await whileSignedOut(
    ctx,
    userId,
    () =>
      atomically(db, [
        replaceHash(db, userId, person.passwordHash, passwordHash, now),
        revokeKeys(db, userId, now, endsKeys),
        countKeyTenure(db, userId, endsKeys),
        auditRowIf(ctx, { event: 'password.changed', userId }, isDone),
        killTokens(db, userId, ['reset_password']),
        mail && outboxRow(db, { ...mail, userId, recipient: person.email ?? '' }),
      ]),
    ctx.actor.type === 'session' ? ctx.actor.sessionId : undefined,
  )
  if ((changed as unknown[]).length === 0)
    throw new AppError('conflict', 'The password was changed by somebody else just now.')
  forgetPersonHere(userId)
  deliverSoon(ctx, mail)
  return (keys as unknown[]).length
}

async function requireOldPassword(ctx: Ctx, password: string | undefined): Promise<void> {
  if (password === undefined) throw invalid('old_password', 'Give your current password.')
  await checkOwnPassword(ctx, password).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'invalid_credentials')
      throw invalid('old_password', 'This is not your current password.')
    throw error
  })
}

function invalid(path: string, message: string): AppError {
  return new AppError('validation_failed', message, { errors: [{ path, message }] })
}
