import { renderSVG } from 'uqr'
import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { attemptCode, type CodePlace } from './attempts.ts'
import {
  hashRecoveryCode,
  matchingStep,
  newRecoveryCodes,
  newSecret,
  otpauthUrl,
  SECRET_BYTES,
} from './codes.ts'
import {
  addressIf,
  confirmFactor,
  deleteRecoveryCodes,
  factorIs,
  findFactor,
  insertRecoveryCodes,
  isConfirmed,
  putPendingFactor,
} from './queries.ts'
import { secretOwner } from './secret-owner.ts'

/** The name under which authenticator apps list us. */
const ISSUER = 'shared-accounts'

/** Who adds an authenticator app. */
export interface Enrolling {
  userId: number
  /** The person's when this began: it comes to nothing once that is another. */
  tenure: number
}

export interface Enrolment {
  /** Base 32, for apps without a camera. */
  secret: string
  otpauth_url: string
  /** The same as a picture: an SVG document. */
  qr_svg: string
}

/**
 * Begins to add an authenticator app; nothing counts until `confirmEnrolment`.
 *
 * @throws {AppError} `conflict` when there is one already, `misconfigured` without a key to seal with
 */
export async function beginEnrolment(
  ctx: Ctx,
  person: Enrolling & { username: string },
): Promise<Enrolment> {
  const { db, secretBox } = ctx.services
  if (ctx.config.encryptionKeys.length === 0)
    throw new AppError('misconfigured', 'This server has no key to keep second factors with.')
  const secret = newSecret(ctx.random.bytes(SECRET_BYTES))
  const sealed = await secretBox.seal(secret, secretOwner(person.userId))
  const now = new Date(ctx.clock.now())
  if (!(await putPendingFactor(db, person, sealed, now)))
    throw new AppError('conflict', 'You have a second factor already. Disable it first.')
  const url = otpauthUrl(secret, ISSUER, person.username)
  return { secret, otpauth_url: url, qr_svg: renderSVG(url, { border: 2 }) }
}

/**
 * Completes it with a first code.
 *
 * @returns the recovery codes, which are shown only now
 * @throws {AppError} `invalid_code`, `conflict` when there is nothing to complete, `account_locked`
 */
export async function confirmEnrolment(
  ctx: Ctx,
  { userId, tenure }: Enrolling,
  code: string,
  place: CodePlace,
): Promise<string[]> {
  const { db, secretBox } = ctx.services
  const factor = await findFactor(db, userId)
  if (!factor || factor.confirmedAt)
    throw new AppError('conflict', 'There is no second factor that waits for a first code.')
  const secret = await secretBox.open(factor.secretCiphertext, secretOwner(userId))
  let step: number | null = null
  await attemptCode(ctx, userId, place, async () => {
    step = matchingStep(secret, code.replace(/\s/g, ''), ctx.clock.now())
    return step !== null
  })
  if (step === null)
    throw new AppError('invalid_code', 'The code is wrong. Is the clock of your device right?')

  const now = new Date(ctx.clock.now())
  const sealedAnew = await secretBox.seal(secret, secretOwner(userId))
  const codes = newRecoveryCodes((length) => ctx.random.bytes(length))
  const hashes = codes.map((one) => hashRecoveryCode(userId, one))
  const mail = await composeMail(ctx, { kind: 'second_factor_enabled' })
  const isDone = factorIs(userId, sealedAnew)
  const [confirmed] = await atomically(db, [
    confirmFactor(db, factor, { sealedAnew, step, now, tenure }),
    insertRecoveryCodes(db, userId, hashes, isDone),
    auditRowIf(ctx, { event: 'second_factor.enabled', userId }, isDone),
    mail && outboxRowFor(db, mail, addressIf(userId, isDone)),
  ])
  if ((confirmed as unknown[]).length === 0)
    throw new AppError('conflict', 'The second factor was completed or begun anew just now.')
  deliverSoon(ctx, mail)
  return codes
}

/** Replaces all recovery codes of a person. */
export async function replaceRecoveryCodes(ctx: Ctx, userId: number): Promise<string[]> {
  const { db } = ctx.services
  const codes = newRecoveryCodes((length) => ctx.random.bytes(length))
  const hashes = codes.map((code) => hashRecoveryCode(userId, code))
  const isEnrolled = isConfirmed(userId)
  await atomically(db, [
    deleteRecoveryCodes(db, userId),
    insertRecoveryCodes(db, userId, hashes, isEnrolled),
    auditRowIf(ctx, { event: 'second_factor.recovery_codes_replaced', userId }, isEnrolled),
  ])
  return codes
}
