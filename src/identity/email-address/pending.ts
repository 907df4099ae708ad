import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { findChange } from './queries.ts'
import type { PendingEmailChange } from './schemas.ts'

/** The person's change of address that waits for a mailbox to agree; null: none does. */
export async function pendingEmailChange(
  ctx: Ctx,
): Promise<z.input<typeof PendingEmailChange> | null> {
  const { userId } = requirePerson(ctx)
  const change = await findChange(ctx.services.db, userId, new Date(ctx.clock.now()))
  return (
    change && {
      new_email: change.newEmail,
      old_confirmed_at: change.oldConfirmedAt?.toISOString() ?? null,
      new_confirmed_at: change.newConfirmedAt?.toISOString() ?? null,
      expires_at: change.expiresAt.toISOString(),
    }
  )
}
