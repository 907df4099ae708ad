import type { Ctx } from '../../context.ts'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, type EndpointSpec, endpoint } from '../../platform/http/endpoint.ts'
import { provisionSoon } from '../../sharing/plugin/index.ts'
import { Done } from '../accounts/index.ts'
import { banUser, unbanUser } from './ban-user.ts'
import { belongingsEndpoints } from './belongings-routes.ts'
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

const mayRead = administration('users:read')
const mayWrite = administration('users:write')

const asTheyAreNow = {
  status: 200,
  description: 'The person as they are now.',
  schema: AdminUser,
} as const

/** Something that is done about one person, of which there is nothing to tell but that it is done. */
function deed(
  spec: Pick<
    EndpointSpec,
    'method' | 'path' | 'operationId' | 'summary' | 'description' | 'errors'
  > & {
    /** What the answer is, in words. */
    answer: string
    /** What the answer says, where it is not the same. */
    message?: string
  },
  act: (ctx: Ctx, userId: number) => Promise<unknown>,
): Endpoint {
  const { answer, message = answer, errors = ['forbidden', 'not_found'], ...rest } = spec
  return endpoint(
    {
      ...mayWrite,
      ...rest,
      params: UserId,
      answer: { status: 200, description: answer, schema: Done },
      errors,
    },
    async (c, { params }) => {
      await act(c.get('ctx'), params.id)
      return { message, success: true }
    },
  )
}

export const adminUserEndpoints: Endpoint[] = [
  endpoint(
    {
      ...mayRead,
      method: 'get',
      path: '/admin/users',
      operationId: 'listUsers',
      summary: 'Find people',
      query: ListUsersQuery,
      answer: { status: 200, description: 'The newest people first.', schema: AdminUserPage },
      errors: ['forbidden'],
    },
    async (c, { query }) => searchUsers(c.get('ctx'), query),
  ),
  endpoint(
    {
      ...mayWrite,
      method: 'post',
      path: '/admin/users',
      operationId: 'createUser',
      summary: 'Make a person',
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
      ...mayRead,
      method: 'get',
      path: '/admin/users/:id',
      operationId: 'getUser',
      summary: 'One person',
      params: UserId,
      answer: { status: 200, description: 'The person.', schema: AdminUser },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => toAdminUser(await readUser(c.get('ctx'), params.id)),
  ),
  endpoint(
    {
      ...mayWrite,
      method: 'put',
      path: '/admin/users/:id',
      operationId: 'updateUser',
      summary: 'Change a person',
      description:
        'Absent fields stay. Acts at once on all tokens and keys that are out. Nobody can demote or deactivate the last administrator. Whoever gets a new password or address is told by mail. Your own password and address need proof that it is you: use /auth/change-password and /auth/change-email.',
      params: UserId,
      body: UpdateUserInput,
      answer: asTheyAreNow,
      errors: ['forbidden', 'not_found', 'username_taken', 'email_taken', 'conflict'],
    },
    async (c, { params, body }) => toAdminUser(await updateUser(c.get('ctx'), params.id, body)),
  ),
  deed(
    {
      method: 'delete',
      path: '/admin/users/:id',
      operationId: 'deleteUser',
      summary: 'Delete a person',
      description: 'Somebody else: use DELETE /users/me for your own account.',
      answer: 'The person is deleted.',
      errors: ['forbidden', 'not_found', 'conflict'],
    },
    deleteUserAsAdmin,
  ),
  endpoint(
    {
      ...mayWrite,
      method: 'post',
      path: '/admin/users/:id/ban',
      operationId: 'banUser',
      summary: 'Ban a person',
      description: 'Their sessions end, and their keys stop working at once.',
      params: UserId,
      body: BanInput,
      bodyRequired: false,
      answer: asTheyAreNow,
      errors: ['forbidden', 'not_found', 'conflict'],
    },
    async (c, { params, body }) => toAdminUser(await banUser(c.get('ctx'), params.id, body)),
  ),
  endpoint(
    {
      ...mayWrite,
      method: 'post',
      path: '/admin/users/:id/unban',
      operationId: 'unbanUser',
      summary: 'Lift a ban',
      params: UserId,
      answer: asTheyAreNow,
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => toAdminUser(await unbanUser(c.get('ctx'), params.id)),
  ),
  endpoint(
    {
      ...mayWrite,
      method: 'post',
      path: '/admin/users/:id/logout',
      operationId: 'endUserSessions',
      summary: 'Sign a person out everywhere',
      params: UserId,
      answer: { status: 200, description: 'Their sessions have ended.', schema: SessionsEnded },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params }) => {
      const ended = await endUserSessions(c.get('ctx'), params.id)
      return { message: 'Signed out everywhere.', success: true, ended }
    },
  ),
  deed(
    {
      method: 'post',
      path: '/admin/users/:id/reset-mfa',
      operationId: 'resetUserSecondFactor',
      summary: "Take a person's second factor away",
      description: "Somebody else's: use /auth/mfa/disable for your own.",
      answer: 'It is removed.',
      message: 'The second factor is removed.',
    },
    resetSecondFactor,
  ),
  deed(
    {
      method: 'post',
      path: '/admin/users/:id/unlock',
      operationId: 'unlockUser',
      summary: 'Let a person sign in again after too many wrong passwords',
      description:
        'Somebody else: whoever has locked themselves out waits, or chooses a new password by mail.',
      answer: 'They can try again.',
    },
    unlockUser,
  ),
  ...belongingsEndpoints,
]
