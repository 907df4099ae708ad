import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { type AuditEventName, auditRowIf } from '../audit/index.ts'
import { forgetPerson, forgetPersonHere } from '../principals/index.ts'
import { lastAdministrator, lockAdministrators, mayChange } from '../users/index.ts'
import { type AdminUserRow, findAdminUser, type UserChanges, updateUser } from './queries.ts'

interface Change {
  changes: UserChanges
  event: AuditEventName
  /** For the audit log; never a secret. */
  details?: Record<string, string | number | boolean | null>
}

/**
 * The one way in which administrators change a person: it acts at once on all tokens and keys that
 * are out, leaves an audit row with the change, and never takes the last administrator away.
 *
 * @throws {AppError} `not_found`, `username_taken`, `email_taken`, `conflict` for the last administrator
 */
export async function changeUser(
  ctx: Ctx,
  userId: number,
  { changes, event, details }: Change,
): Promise<AdminUserRow> {
  const { db } = ctx.services
  const takesPower = changes.isActive === false || (changes.role ?? 'admin') !== 'admin'
  const condition = mayChange(userId, takesPower)
  await forgetPerson(ctx, userId)
  try {
    const results = await atomically(db, [
      takesPower ? lockAdministrators(db) : null,
      auditRowIf(ctx, { event, userId, ...(details && { details }) }, condition),
      updateUser(db, userId, changes, new Date(ctx.clock.now()), condition),
    ])
    const isChanged = (results.at(-1) as unknown[]).length > 0
    const row = await findAdminUser(db, userId)
    if (!row) throw new AppError('not_found', 'There is no such person.')
    if (!isChanged) throw lastAdministrator()
    return row
  } catch (error) {
    throw taken(error)
  } finally {
    forgetPersonHere(userId)
  }
}

function taken(error: unknown): unknown {
  const constraint = uniqueViolation(error)
  if (constraint === 'users_username_key_unique')
    return new AppError('username_taken', 'This username is taken. Choose another one.')
  if (constraint === 'users_confirmed_email_unique')
    return new AppError('email_taken', 'Another account has this e-mail address.')
  return error
}
