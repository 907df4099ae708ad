import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { deliverSoon } from '../../notices/mail/index.ts'
import { openClaimOf, prepareVerification } from '../accounts/index.ts'

/**
 * Where nobody has shown yet that the mailbox and the account belong together, the next new password by
 * mail removes the authenticator app that was just added. Mails the person the link that shows it when
 * they open it signed in. After the answer; an outage costs the mail and no more.
 */
export function offerProofSoon(ctx: Ctx, userId: number): void {
  ctx.waitUntil(offerProof(ctx, userId).catch(() => undefined))
}

async function offerProof(ctx: Ctx, userId: number): Promise<void> {
  const link = await prepareVerification(ctx)
  if (!link) return
  await atomically(ctx.services.db, link.statements(openClaimOf(userId)))
  deliverSoon(ctx, link.mail)
}
