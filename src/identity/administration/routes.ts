import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { provisionSoon } from '../../sharing/plugin/index.ts'
import { Done } from '../accounts/index.ts'
import { banUser, unbanUser } from './ban-user.ts'
import { createUser } from './create-user.ts'
import { readUser, searchUsers } from './read-users.ts'
import {
  AdminUser,
  AdminUserPage,
  BanInput,
  CreateUserInput,
  ListUsersQuery,
  SessionsEnded,
  UpdateUserInput,
  UserId,
} from './schemas.ts'
import { updateUser } from './update-user.ts'
import {
  deleteUserAsAdmin,
  endUserSessions,
  resetSecondFactor,
  unlockUser,
} from './user-security.ts'
import { toAdminUser } from './user-view.ts'

const tag = 'Administration'
const mayRead = { permission: 'users:read' } as const
const mayWrite = { permission: 'users:write' } as const

export const adminUserEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/admin/users',
      operationId: 'listUsers',
      tag,
      summary: 'Find people',
      auth: mayRead,
      query: ListUsersQuery,
      answer: { status: 200, description: 'The newest people first.', schema: AdminUserPage },
      errors: ['forbidden'],
    },
    async (c, { query }) => searchUsers(c.get('ctx'), query),
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users',
      operationId: 'createUser',
      tag,
      summary: 'Make a person',
      auth: mayWrite,
      body: CreateUserInput,
      answer: { status: 201, description: 'The new person.', schema: AdminUser },
      errors: ['forbidden', 'username_taken', 'email_taken'],
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const user = await createUser(ctx, body)
      provisionSoon(ctx, user.id)
      return toAdminUser(user)
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/admin/users/:id',
      operationId: 'getUser',
      tag,
      summary: 'One person',
      auth: mayRead,
      params: UserId,
      answer: { status: 200, description: 'The person.', schema: AdminUser },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => toAdminUser(await readUser(c.get('ctx'), params.id)),
  ),
  endpoint(
    {
      method: 'put',
      path: '/admin/users/:id',
      operationId: 'updateUser',
      tag,
      summary: 'Change a person',
      description:
        'Absent fields stay. Acts at once on all tokens and keys that are out. Nobody can demote or deactivate the last administrator. Whoever gets a new password or address is told by mail. Your own password and address need proof that it is you: use /auth/change-password and /auth/change-email.',
      auth: mayWrite,
      params: UserId,
      body: UpdateUserInput,
      answer: { status: 200, description: 'The person as they are now.', schema: AdminUser },
      errors: ['forbidden', 'not_found', 'username_taken', 'email_taken', 'conflict'],
    },
    async (c, { params, body }) => toAdminUser(await updateUser(c.get('ctx'), params.id, body)),
  ),
  endpoint(
    {
      method: 'delete',
      path: '/admin/users/:id',
      operationId: 'deleteUser',
      tag,
      summary: 'Delete a person',
      description: 'Somebody else: use DELETE /users/me for your own account.',
      auth: mayWrite,
      params: UserId,
      answer: { status: 200, description: 'The person is deleted.', schema: Done },
      errors: ['forbidden', 'not_found', 'conflict'],
    },
    async (c, { params }) => {
      await deleteUserAsAdmin(c.get('ctx'), params.id)
      return { message: 'The person is deleted.', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users/:id/ban',
      operationId: 'banUser',
      tag,
      summary: 'Ban a person',
      description: 'Their sessions end, and their keys stop working at once.',
      auth: mayWrite,
      params: UserId,
      body: BanInput,
      bodyRequired: false,
      answer: { status: 200, description: 'The person as they are now.', schema: AdminUser },
      errors: ['forbidden', 'not_found', 'conflict'],
    },
    async (c, { params, body }) => toAdminUser(await banUser(c.get('ctx'), params.id, body)),
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users/:id/unban',
      operationId: 'unbanUser',
      tag,
      summary: 'Lift a ban',
      auth: mayWrite,
      params: UserId,
      answer: { status: 200, description: 'The person as they are now.', schema: AdminUser },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => toAdminUser(await unbanUser(c.get('ctx'), params.id)),
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users/:id/logout',
      operationId: 'endUserSessions',
      tag,
      summary: 'Sign a person out everywhere',
      auth: mayWrite,
      params: UserId,
      answer: { status: 200, description: 'Their sessions have ended.', schema: SessionsEnded },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => {
      const ended = await endUserSessions(c.get('ctx'), params.id)
      return { message: 'Signed out everywhere.', success: true, ended }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users/:id/reset-mfa',
      operationId: 'resetUserSecondFactor',
      tag,
      summary: "Take a person's second factor away",
      description: "Somebody else's: use /auth/mfa/disable for your own.",
      auth: mayWrite,
      params: UserId,
      answer: { status: 200, description: 'It is removed.', schema: Done },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => {
      await resetSecondFactor(c.get('ctx'), params.id)
      return { message: 'The second factor is removed.', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/admin/users/:id/unlock',
      operationId: 'unlockUser',
      tag,
      summary: 'Let a person sign in again after too many wrong passwords',
      description:
        'Somebody else: whoever has locked themselves out waits, or chooses a new password by mail.',
      auth: mayWrite,
      params: UserId,
      answer: { status: 200, description: 'They can try again.', schema: Done },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => {
      await unlockUser(c.get('ctx'), params.id)
      return { message: 'They can try again.', success: true }
    },
  ),
]
