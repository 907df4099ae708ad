import type * as z from 'zod'
import type { UserRow } from './queries.ts'
import type { User } from './schemas.ts'

/** A person as the API shows them. */
export function toUser(row: UserRow): z.input<typeof User> {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    is_verified: row.emailVerifiedAt !== null,
    avatar_url: row.avatarUrl,
    role: row.role,
    trust_level: row.trustLevel,
    is_active: row.isActive,
    is_silenced: row.isSilenced,
    created_at: row.createdAt.toISOString(),
    last_login_at: row.lastLoginAt?.toISOString() ?? null,
  }
}
