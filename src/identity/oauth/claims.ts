import type { Ctx } from '../../context.ts'
import { findUserById, type UserRow } from '../accounts/index.ts'

/**
 * What an application learns about a person, by what they agreed to (OpenID Connect Core §5.4). An address that
 * nobody has confirmed is said to be so: it is only a claim.
 */
export function claimsOf(user: UserRow, scopes: readonly string[]): Record<string, unknown> {
  const has = (scope: string) => scopes.includes(scope)
  return {
    ...((has('profile') || has('read:profile')) && {
      name: user.username,
      preferred_username: user.username,
      roles: [user.role],
      updated_at: Math.floor(user.updatedAt.getTime() / 1000),
      ...(user.avatarUrl && { picture: user.avatarUrl }),
    }),
    ...(has('email') &&
      user.email && { email: user.email, email_verified: user.emailVerifiedAt !== null }),
  }
}

export async function readClaims(
  ctx: Ctx,
  userId: number,
  scopes: readonly string[],
): Promise<Record<string, unknown>> {
  if (!['profile', 'read:profile', 'email'].some((scope) => scopes.includes(scope))) return {}
  const user = await findUserById(ctx.services.db, userId)
  return user ? claimsOf(user, scopes) : {}
}
