import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { uniqueViolation } from '../../db/errors.ts'
import { AppError } from '../../errors.ts'
import { type AuditEventName, auditRowIf } from '../../notices/audit/index.ts'
import { rolesOutOfReach } from '../../permissions.ts'
import { isNameTaken } from '../accounts/index.ts'
import { whileSignedOut } from '../passwords/index.ts'
import { endAllSessions } from '../sessions/index.ts'
import { lastAdministrator, lockAdministrators, mayChange } from '../users/index.ts'
import { composeNotices } from './notices.ts'
import {
  type AdminUserRow,
  findAdminUser,
  findObstacles,
  type UserChanges,
  unlessOf,
  updateUser,
} from './queries.ts'
import { requireWithinReach } from './reach.ts'

interface Change {
  changes: UserChanges
  event: AuditEventName
  /** For the audit log; never a secret. */
  details?: Record<string, string | number | boolean | null>
}

/**
 * The one way in which administrators change a person: it acts at once on all tokens and keys that
 * are out, leaves an audit row with the change, tells the owner of a new password or address, and
 * never takes the last administrator away. A new password and deactivation end all sessions; a change
 * that is refused ends none.
 *
 * @throws {AppError} `not_found`, `username_taken`, `email_taken`, `conflict` for the last administrator,
 *   `forbidden` for somebody beyond the reach of an API key
 */
export async function changeUser(ctx: Ctx, userId: number, change: Change): Promise<AdminUserRow> {
  const { changes } = change
  const target = await findAdminUser(ctx.services.db, userId)
  if (!target) throw notFound()
  requireWithinReach(ctx, target.role)
  if (changes.passwordHash !== undefined) {
    await refuseInVain(ctx, userId, changes)
    return whileSignedOut(ctx, userId, () => apply(ctx, userId, change))
  }
  const row = await apply(ctx, userId, change)
  // Nobody inactive gets in, whatever their token says. What is left over would, when they are active
  // again: until it has ended, the change is not acknowledged, and can be repeated.
  if (changes.isActive === false) await endAllSessions(ctx, userId)
  return row
}

/** Says in advance what `apply` would say, which has the last word. */
async function refuseInVain(ctx: Ctx, userId: number, changes: UserChanges): Promise<void> {
  const { db } = ctx.services
  const obstacles = await findObstacles(db, userId, changes, mayChange(userId, takesPower(changes)))
  if (!obstacles) throw notFound()
  if (obstacles.isNameTaken) throw usernameTaken()
  if (obstacles.isAddressTaken) throw emailTaken()
  if (!obstacles.mayChange) throw lastAdministrator()
}

async function apply(
  ctx: Ctx,
  userId: number,
  { changes, event, details }: Change,
): Promise<AdminUserRow> {
  const { db } = ctx.services
  const mayBe = mayChange(userId, takesPower(changes))
  const condition = unlessOf(mayBe, userId, rolesOutOfReach(ctx))
  const notices = await composeNotices(ctx, changes)
  await forgetPerson(ctx, userId)
  try {
    const results = await atomically(db, [
      takesPower(changes) ? lockAdministrators(db) : null,
      auditRowIf(ctx, { event, userId, ...(details && { details }) }, condition),
      ...notices.statements(userId, condition),
      updateUser(db, userId, changes, new Date(ctx.clock.now()), condition),
    ])
    const isChanged = (results.at(-1) as unknown[]).length > 0
    const row = await findAdminUser(db, userId)
    if (!row) throw notFound()
    if (!isChanged) throw lastAdministrator()
    notices.deliverSoon()
    return row
  } catch (error) {
    throw taken(error)
  } finally {
    forgetPersonHere(userId)
  }
}

function takesPower(changes: UserChanges): boolean {
  return changes.isActive === false || (changes.role ?? 'admin') !== 'admin'
}

function taken(error: unknown): unknown {
  const constraint = uniqueViolation(error)
  if (isNameTaken(constraint)) return usernameTaken()
  if (constraint === 'users_confirmed_email_unique') return emailTaken()
  return error
}

const notFound = () => new AppError('not_found', 'There is no such person.')
const usernameTaken = () =>
  new AppError('username_taken', 'This username is taken. Choose another one.')
const emailTaken = () => new AppError('email_taken', 'Another account has this e-mail address.')
