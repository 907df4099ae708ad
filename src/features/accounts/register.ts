import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { auditRowFor } from '../audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../mail/index.ts'
import { requireGoodPassword } from '../password-policy/index.ts'
import { addUser } from './add-user.ts'
import { foldName } from './folding.ts'
import { ownerOfAddress, type UserRow } from './queries.ts'
import type { RegisterInput } from './schemas.ts'
import { prepareVerification } from './verification.ts'

/**
 * Registers a person. Provisioning of their plug-in user is recorded as an intent in the same
 * transaction and never makes registration fail.
 *
 * @returns null where `REQUIRE_VERIFIED_EMAIL` is set: the caller learns nothing but that a mail is
 *   on its way, to whoever has the address, be it new here or not
 * @throws {AppError} `registration_closed`, `username_taken`, `email_taken`, `validation_failed`
 */
export async function register(
  ctx: Ctx,
  input: z.output<typeof RegisterInput>,
): Promise<UserRow | null> {
  const { config } = ctx
  if (!config.ALLOW_REGISTRATION) {
    throw new AppError('registration_closed', 'Registration is closed on this server.')
  }
  if (config.REQUIRE_VERIFIED_EMAIL && input.email === undefined) {
    const message = 'Give an e-mail address: it has to be confirmed before you can sign in.'
    throw new AppError('validation_failed', message, { errors: [{ path: 'email', message }] })
  }
  requireGoodPassword(input.password, input, 'password')
  const passwordHash = await hashPassword(input.password, ctx.random.bytes(16))
  const verification = input.email === undefined ? null : await prepareVerification(ctx)
  try {
    const user = await addUser(ctx, { ...input, passwordHash }, (person) => [
      auditRowFor(ctx, { event: 'account.registered' }, person.id),
      ...(verification?.statements(person.source) ?? []),
    ])
    deliverSoon(ctx, verification?.mail ?? null)
    return config.REQUIRE_VERIFIED_EMAIL ? null : user
  } catch (error) {
    if (!config.REQUIRE_VERIFIED_EMAIL || !isTakenAddress(error)) throw error
    await tellOwner(ctx, foldName(input.email ?? ''))
    return null
  }
}

function isTakenAddress(error: unknown): boolean {
  return error instanceof AppError && error.code === 'email_taken'
}

/** Whoever has the address is told instead of whoever tried to register it. */
async function tellOwner(ctx: Ctx, emailKey: string): Promise<void> {
  const mail = await composeMail(ctx, { kind: 'address_taken' })
  if (!mail) return
  await outboxRowFor(ctx.services.db, mail, ownerOfAddress(emailKey))
  deliverSoon(ctx, mail)
}
