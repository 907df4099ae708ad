import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { requireGoodPassword } from '../../credentials/password-policy/index.ts'
import { AppError } from '../../errors.ts'
import { auditRowFor } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { foldName } from '../../platform/folding.ts'
import { addUser } from './add-user.ts'
import { ownerOfAddress, type UserRow } from './queries.ts'
import type { RegisterInput } from './schemas.ts'
import { prepareVerification } from './verification.ts'

/**
 * Registers a person. Provisioning of their plug-in user is recorded as an intent in the same
 * transaction and never makes registration fail.
 *
 * An address that is somebody's already makes no difference to the caller: they get an account that
 * claims it, like any other, and the mail about it goes to whoever has confirmed the address.
 *
 * @throws {AppError} `registration_closed`, `username_taken`, `validation_failed`
 */
export async function register(ctx: Ctx, input: z.output<typeof RegisterInput>): Promise<UserRow> {
  const { config } = ctx
  if (!config.ALLOW_REGISTRATION) {
    throw new AppError('registration_closed', 'Registration is closed on this server.')
  }
  if (config.REQUIRE_VERIFIED_EMAIL && input.email === undefined) {
    const message = 'Give an e-mail address: it has to be confirmed before you can sign in.'
    throw new AppError('validation_failed', message, { errors: [{ path: 'email', message }] })
  }
  await requireGoodPassword(ctx, input.password, input, 'password')
  const passwordHash = await hashPassword(
    input.password,
    ctx.random.bytes(16),
    ctx.config.passwordCost,
  )
  const mails = input.email === undefined ? null : await prepareMails(ctx, input.email)
  const user = await addUser(ctx, { ...input, passwordHash }, (person) => [
    auditRowFor(ctx, { event: 'account.registered' }, person.id),
    ...(mails?.verification?.statements(person.source) ?? []),
    mails?.notice?.statement ?? null,
  ])
  deliverSoon(ctx, mails?.verification?.mail ?? null, mails?.notice?.mail ?? null)
  return user
}

/** Both are written every time; which of them has a recipient is found out in the database. */
async function prepareMails(ctx: Ctx, email: string) {
  const [verification, taken] = await Promise.all([
    prepareVerification(ctx),
    composeMail(ctx, { kind: 'address_taken' }),
  ])
  const owner = ownerOfAddress(foldName(email), new Date(ctx.clock.now()))
  return {
    verification,
    notice: taken && { mail: taken, statement: outboxRowFor(ctx.services.db, taken, owner) },
  }
}
