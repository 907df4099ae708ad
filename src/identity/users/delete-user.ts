import { type Ctx, requirePerson } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { composeMail, deliverSoon, outboxRowFor } from '../../notices/mail/index.ts'
import { deletePluginUsersSoon } from '../../sharing/plugin/index.ts'
import { findUserById } from '../accounts/index.ts'
import { type Proof, requireStepUp } from '../mfa/index.ts'
import { deleteConsentsToOwn, forgetOwnClients } from '../oauth-clients/index.ts'
import { endAllSessions } from '../sessions/index.ts'
import { deleteIdentitiesOf, revokeGrants } from '../sso/index.ts'
import {
  addressOfDeleted,
  deleteUserRow,
  forgetTraces,
  intendPluginDeletion,
  lockAdministrators,
  mayChange,
} from './queries.ts'

type DeletedIdentities = Parameters<typeof revokeGrants>[1]

/**
 * Deletes the person's own account.
 *
 * @throws {AppError} `step_up_required`, `invalid_code`; `conflict` for the last administrator
 */
export async function deleteOwnAccount(ctx: Ctx, proof: Proof): Promise<void> {
  const { userId } = requirePerson(ctx)
  await requireStepUp(ctx, proof)
  await deleteUser(ctx, userId, 'account.deleted')
}

/**
 * Deletes a person: sessions, keys and everything that is about them. Their user at the plug-in API
 * is deleted through an intent of the same transaction; what sign-in providers have given us for them
 * is taken back there; usage rows stay, without the person.
 *
 * @throws {AppError} `not_found`, `conflict` for the last administrator
 */
export async function deleteUser(
  ctx: Ctx,
  userId: number,
  event: 'account.deleted' | 'user.deleted',
): Promise<void> {
  const { db } = ctx.services
  const user = await findUserById(db, userId)
  if (!user) throw new AppError('not_found', 'There is no such person.')
  const mail = user.email ? await composeMail(ctx, { kind: 'account_deleted' }) : null
  const now = new Date(ctx.clock.now())
  const mayGo = mayChange(userId, true)

  await forgetPerson(ctx, userId)
  await forgetOwnClients(ctx, userId)
  const results = await atomically(db, [
    lockAdministrators(db),
    intendPluginDeletion(db, userId, now, mayGo),
    forgetTraces(db, userId, mayGo),
    // Without the person, whom it could not refer to any more.
    auditRowIf(ctx, { event, userId: null, details: { deleted_user_id: userId } }, mayGo),
    deleteIdentitiesOf(db, userId, mayGo),
    deleteConsentsToOwn(db, userId, mayGo),
    deleteUserRow(db, userId, mayGo),
    mail && outboxRowFor(db, mail, addressOfDeleted(userId, user.email ?? '')),
  ])
  forgetPersonHere(userId)
  const [identities, , deleted] = results.slice(4, 7) as [DeletedIdentities, unknown, unknown[]]
  if (deleted.length === 0) throw lastAdministrator()
  // A session of nobody is none, and no id is given twice: this only tidies up.
  ctx.waitUntil(endAllSessions(ctx, userId).catch(() => undefined))
  revokeGrants(ctx, identities)
  deliverSoon(ctx, mail)
  deletePluginUsersSoon(ctx)
}

export function lastAdministrator(): AppError {
  return new AppError(
    'conflict',
    'This is the last active administrator. Make somebody else one first.',
  )
}
