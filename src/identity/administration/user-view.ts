import type * as z from 'zod'
import { toUser } from '../accounts/index.ts'
import type { AdminUserRow } from './queries.ts'
import type { AdminUser } from './schemas.ts'

/** A person as administrators see them. */
export function toAdminUser(row: AdminUserRow): z.input<typeof AdminUser> {
  return {
    ...toUser(row),
    updated_at: row.updatedAt.toISOString(),
    banned_at: row.bannedAt?.toISOString() ?? null,
    banned_until: row.bannedUntil?.toISOString() ?? null,
    ban_reason: row.banReason,
    has_password: row.passwordHash !== null,
    has_second_factor: row.hasSecondFactor,
  }
}
