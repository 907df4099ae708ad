import type { UserRow } from './queries.ts'

/**
 * A person as they are at a moment: a ban that has come to its end is over, whether or not anybody
 * has written that down yet.
 */
export function asOf(user: UserRow, nowMs: number): UserRow {
  const { bannedAt, bannedUntil } = user
  if (!bannedAt || !bannedUntil || bannedUntil.getTime() > nowMs) return user
  return { ...user, isActive: true, bannedAt: null, bannedUntil: null, banReason: null }
}
