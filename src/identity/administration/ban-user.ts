import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { forgetPerson, forgetPersonHere } from '../../credentials/principals/index.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { createDueMarker } from '../../platform/due-marker.ts'
import { changeUser } from './change-user.ts'
import {
  type AdminUserRow,
  banHasEnded,
  endedBanOf,
  listEndedBans,
  nextEndOfBan,
  updateUser,
} from './queries.ts'
import type { BanInput } from './schemas.ts'
import { requireNotOneself } from './somebody-else.ts'

const NOT_BANNED = { isActive: true, bannedAt: null, bannedUntil: null, banReason: null }
const BATCH = 100
/** When a ban comes to its end. */
const endedBans = createDueMarker('ended-bans')

/**
 * Bans a person, for good or until a moment: their sessions end and their keys stop working at once.
 *
 * @throws {AppError} `not_found`, `validation_failed`, `conflict` for the last administrator,
 *   and for themselves
 */
export async function banUser(
  ctx: Ctx,
  id: number,
  input: z.output<typeof BanInput>,
): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:write')
  requireNotOneself(ctx, id)
  const now = ctx.clock.now()
  const until = input.until ? new Date(input.until) : null
  if (until && until.getTime() <= now)
    throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
      errors: [{ path: 'until', message: 'Must lie in the future.' }],
    })
  if (until) endedBans.noteSoon(ctx, until)
  return changeUser(ctx, id, {
    changes: {
      isActive: false,
      bannedAt: new Date(now),
      bannedUntil: until,
      banReason: input.reason ?? null,
    },
    event: 'user.banned',
    details: { reason: input.reason ?? null, until: until?.toISOString() ?? null },
  })
}

/** @throws {AppError} `not_found` */
export async function unbanUser(ctx: Ctx, id: number): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:write')
  return changeUser(ctx, id, { changes: NOT_BANNED, event: 'user.unbanned' })
}

/**
 * Writes down which bans have come to their end; run by cron. They have ended already: whoever asks
 * looks at the clock.
 */
export async function liftEndedBans(ctx: Ctx): Promise<number> {
  const { db } = ctx.services
  return endedBans.workIfDue(ctx, async () => {
    const now = new Date(ctx.clock.now())
    const ids = await listEndedBans(db, now, BATCH)
    for (const userId of ids) {
      await forgetPerson(ctx, userId)
      await atomically(db, [
        auditRowIf(ctx, { event: 'user.unbanned', userId }, endedBanOf(userId, now)),
        updateUser(db, userId, NOT_BANNED, now, banHasEnded(now)),
      ])
      forgetPersonHere(userId)
    }
    return { changed: ids.length, nextAt: await nextEndOfBan(db) }
  })
}
