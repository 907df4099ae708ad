import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requirePermission } from '../../permissions.ts'
import { foldName } from '../accounts/index.ts'
import { type AdminUserRow, findAdminUser, listUsers } from './queries.ts'
import type { AdminUserPage, ListUsersQuery } from './schemas.ts'
import { toAdminUser } from './user-view.ts'

/** A page of people, the newest first. */
export async function searchUsers(
  ctx: Ctx,
  query: z.output<typeof ListUsersQuery>,
): Promise<z.input<typeof AdminUserPage>> {
  requirePermission(ctx, 'users:read')
  const rows = await listUsers(ctx.services.db, {
    search: foldName(query.search ?? query.q ?? '') || undefined,
    skip: query.skip,
    role: query.role,
    isActive: query.is_active,
    isBanned: query.is_banned,
    beforeId: query.cursor,
    limit: query.limit + 1,
  })
  const shown = rows.slice(0, query.limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toAdminUser),
    next_cursor: rows.length > query.limit && last ? String(last.id) : null,
  }
}

/** @throws {AppError} `not_found` */
export async function readUser(ctx: Ctx, id: number): Promise<AdminUserRow> {
  requirePermission(ctx, 'users:read')
  const row = await findAdminUser(ctx.services.db, id)
  if (!row) throw new AppError('not_found', 'There is no such person.')
  return row
}
