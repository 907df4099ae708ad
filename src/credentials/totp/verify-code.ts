import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf, recordSoon } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { attemptCode, type CodePlace } from './attempts.ts'
import { hashRecoveryCode, matchingStep } from './codes.ts'
import { addressIf, codeUsedBy, findFactor, useRecoveryCode, useStep } from './queries.ts'
import { secretOwner } from './secret-owner.ts'

/** One of the two. */
export interface SecondFactorProof {
  code?: string | undefined
  recovery_code?: string | undefined
}

/**
 * Checks a person's second factor. Every code works once, and only so many wrong ones are allowed.
 *
 * @throws {AppError} `invalid_code`, `account_locked`
 */
export async function verifySecondFactor(
  ctx: Ctx,
  userId: number,
  proof: SecondFactorProof,
  place: CodePlace,
): Promise<void> {
  const isRight = await attemptCode(ctx, userId, place, () =>
    proof.recovery_code === undefined
      ? isRightCode(ctx, userId, proof.code ?? '')
      : isRightRecoveryCode(ctx, userId, proof.recovery_code),
  )
  if (!isRight) {
    recordSoon(ctx, { event: 'login.second_factor_failed', userId, outcome: 'failure' })
    throw new AppError('invalid_code', 'The code is wrong or has been used. Take the next one.')
  }
}

/** Whether the person has a second factor. */
export async function hasSecondFactor(
  ctx: Pick<Ctx, 'services'>,
  userId: number,
): Promise<boolean> {
  const factor = await findFactor(ctx.services.db, userId)
  return factor !== null && factor.confirmedAt !== null
}

async function isRightCode(ctx: Ctx, userId: number, code: string): Promise<boolean> {
  const { db, secretBox } = ctx.services
  const factor = await findFactor(db, userId)
  if (!factor?.confirmedAt) return false
  const secret = await secretBox.open(factor.secretCiphertext, secretOwner(userId))
  const step = matchingStep(secret, code.replace(/\s/g, ''), ctx.clock.now())
  return step !== null && useStep(db, userId, step)
}

async function isRightRecoveryCode(ctx: Ctx, userId: number, code: string): Promise<boolean> {
  const { db } = ctx.services
  const hash = hashRecoveryCode(userId, code)
  const now = new Date(ctx.clock.now())
  const mail = await composeMail(ctx, { kind: 'recovery_code_used' })
  const claimId = ctx.random.uuid()
  const isUsed = codeUsedBy(hash, claimId)
  const [used] = await atomically(db, [
    useRecoveryCode(db, userId, hash, { claimId, now }),
    auditRowIf(ctx, { event: 'second_factor.recovery_code_used', userId }, isUsed),
    mail && outboxRowFor(db, mail, addressIf(userId, isUsed)),
  ])
  const isRight = (used as unknown[]).length > 0
  if (isRight) deliverSoon(ctx, mail)
  return isRight
}
