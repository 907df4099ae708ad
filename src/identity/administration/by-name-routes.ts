import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requirePermission } from '../../permissions.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { provisionSoon } from '../../sharing/plugin/index.ts'
import { findUserByName, foldName, Password, Username } from '../accounts/index.ts'
import { createUser } from './create-user.ts'
import { AdminUser, CreateUserInput } from './schemas.ts'
import { updateUser } from './update-user.ts'
import { deleteUserAsAdmin } from './user-security.ts'
import { toAdminUser } from './user-view.ts'

/**
 * User management by name, as front ends of another system know it. Thin aliases: each finds the
 * person and does what `/admin/users` does.
 */

const tag = 'Administration by name'
const auth = { permission: 'users:write' } as const
const errors = ['forbidden', 'not_found', 'username_taken', 'conflict'] as const
const Name = z.string().min(1).max(320)

const Managed = z
  .object({ message: z.string(), success: z.boolean(), user: AdminUser })
  .meta({ id: 'ManagedUser' })
const Removed = z.object({ message: z.string(), success: z.boolean() })

async function idOf(ctx: Ctx, username: string): Promise<number> {
  requirePermission(ctx, 'users:write')
  const user = await findUserByName(ctx.services.db, foldName(username))
  if (!user) throw new AppError('not_found', 'There is nobody of this name.')
  return user.id
}

export const byNameEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/users/add_user',
      operationId: 'addUserByName',
      tag,
      summary: 'Make a person',
      auth,
      body: z
        .object({
          username: Username,
          password: Password,
          role: CreateUserInput.shape.role,
        })
        .meta({ id: 'AddUserInput' }),
      answer: { status: 201, description: 'The new person.', schema: Managed },
      errors,
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const user = await createUser(ctx, { ...body, trust_level: 0, is_verified: false })
      provisionSoon(ctx, user.id)
      return { message: 'User added successfully.', success: true, user: toAdminUser(user) }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/users/delete_user',
      operationId: 'deleteUserByName',
      tag,
      summary: 'Delete a person',
      description: 'Somebody else: use DELETE /users/me for your own account.',
      auth,
      body: z.object({ username: Name }).meta({ id: 'UserName' }),
      answer: { status: 200, description: 'The person is deleted.', schema: Removed },
      errors,
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      await deleteUserAsAdmin(ctx, await idOf(ctx, body.username))
      return { message: 'User deleted successfully.', success: true }
    },
  ),
  endpoint(
    {
      method: 'put',
      path: '/users/update_username',
      operationId: 'renameUser',
      tag,
      summary: 'Rename a person',
      auth,
      body: z.object({ old_username: Name, new_username: Username }).meta({ id: 'RenameInput' }),
      answer: { status: 200, description: 'The person is renamed.', schema: Managed },
      errors,
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const id = await idOf(ctx, body.old_username)
      const user = await updateUser(ctx, id, { username: body.new_username })
      return { message: 'Username updated successfully.', success: true, user: toAdminUser(user) }
    },
  ),
  endpoint(
    {
      method: 'put',
      path: '/users/update_password',
      operationId: 'setUserPassword',
      tag,
      summary: 'Give a person a new password',
      description: 'Somebody else: use /auth/change-password for your own.',
      auth,
      body: z.object({ username: Name, new_password: Password }).meta({ id: 'SetPasswordInput' }),
      answer: { status: 200, description: 'The password is changed.', schema: Managed },
      errors,
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const id = await idOf(ctx, body.username)
      const user = await updateUser(ctx, id, { password: body.new_password })
      return { message: 'Password updated successfully.', success: true, user: toAdminUser(user) }
    },
  ),
  endpoint(
    {
      method: 'put',
      path: '/users/set_user_active_status',
      operationId: 'setUserActive',
      tag,
      summary: 'Activate or deactivate a person',
      auth,
      body: z.object({ username: Name, is_active: z.boolean() }).meta({ id: 'SetActiveInput' }),
      answer: { status: 200, description: 'The person as they are now.', schema: Managed },
      errors,
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const id = await idOf(ctx, body.username)
      const user = await updateUser(ctx, id, { is_active: body.is_active })
      return { message: 'User status updated.', success: true, user: toAdminUser(user) }
    },
  ),
]
