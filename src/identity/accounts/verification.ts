import type { Ctx } from '../../context.ts'
import { newToken, ownerOfToken, tokenRowFor } from '../../credentials/one-time-tokens/index.ts'
import type { Statement } from '../../db/batch.ts'
import { composeMail, outboxRowFor } from '../../notices/mail/index.ts'
import type { PersonSource } from './queries.ts'

const LIFE_HOURS = 48

/** A mail that asks somebody to confirm their address, before it is stored. */
export interface Verification {
  /** For the batch of what makes the address known. */
  statements(person: PersonSource): Statement[]
  /** Give it to `deliverSoon` after the batch. */
  mail: { id: string }
}

/** @returns null when no mail is configured */
export async function prepareVerification(ctx: Ctx): Promise<Verification | null> {
  const { db } = ctx.services
  const { token, hash } = newToken(ctx)
  const lifeMs = LIFE_HOURS * 3_600_000
  const mail = await composeMail(ctx, { kind: 'verify_email', token, hours: LIFE_HOURS }, lifeMs)
  if (!mail) return null
  const row = { hash, purpose: 'verify_email', now: mail.now, expiresAt: mail.expiresAt } as const
  return {
    mail,
    statements: (person) => [
      tokenRowFor(db, row, person),
      outboxRowFor(db, mail, ownerOfToken(hash)),
    ],
  }
}
