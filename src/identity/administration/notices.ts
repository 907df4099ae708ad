import type { Ctx } from '../../context.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { addressBefore, type Condition, type UserChanges } from './queries.ts'

/** The mails about a change of password or address, as people get them about their own changes. */
export async function composeNotices(ctx: Ctx, changes: UserChanges) {
  const [ofPassword, ofAddress] = await Promise.all([
    changes.passwordHash ? composeMail(ctx, { kind: 'password_changed' }) : null,
    changes.emailKey !== undefined ? composeMail(ctx, { kind: 'email_changed' }) : null,
  ])
  const { db } = ctx.services
  return {
    /**
     * For the batch of the change, before it: they go to the address that was there until then.
     *
     * @param condition of the change
     */
    statements: (userId: number, condition: Condition) => [
      ofPassword && outboxRowFor(db, ofPassword, addressBefore(userId, condition)),
      ofAddress &&
        outboxRowFor(db, ofAddress, addressBefore(userId, condition, changes.emailKey ?? null)),
    ],
    deliverSoon: () => deliverSoon(ctx, ofPassword, ofAddress),
  }
}
