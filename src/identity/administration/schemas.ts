import * as z from 'zod'
import { ROLES } from '../../db/schema/users.ts'
import { IdInput, MAX_ID } from '../../platform/http/id-input.ts'
import { Password, User, Username } from '../accounts/index.ts'

export const AdminUser = User.extend({
  updated_at: z.iso.datetime(),
  banned_at: z.iso.datetime().nullable(),
  banned_until: z.iso.datetime().nullable().describe('Null: for good.'),
  ban_reason: z.string().nullable(),
  has_password: z.boolean(),
  has_second_factor: z.boolean(),
}).meta({ id: 'AdminUser' })

export const AdminUserPage = z
  .object({
    items: z.array(AdminUser),
    next_cursor: z.string().nullable().describe('Give it as "cursor" to read on; null at the end.'),
  })
  .meta({ id: 'AdminUserPage' })

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const ListUsersQuery = z.object({
  search: z.string().trim().min(1).max(320).optional().describe('Part of the name or address.'),
  q: z.string().trim().min(1).max(320).optional().describe('The same, under another name.'),
  skip: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('How many to leave out; "cursor" is cheaper for going through all.'),
  role: z.enum(ROLES).optional(),
  is_active: flag.optional(),
  is_banned: flag.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,10}$/, 'Give a "next_cursor" of an earlier answer.')
    .transform(Number)
    .pipe(z.int().positive().max(MAX_ID))
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const UserId = z.object({ id: IdInput })

const TrustLevel = z.int().min(0).max(4)

export const CreateUserInput = z
  .object({
    username: Username.optional().describe('Derived from the e-mail address when absent.'),
    email: z.email().max(320).optional(),
    password: Password,
    role: z.enum(ROLES).default('user'),
    trust_level: TrustLevel.default(0),
    is_verified: z.boolean().default(false).describe('The address is known to be theirs.'),
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['username'],
    message: 'Give a "username", an "email" or both.',
  })
  .meta({ id: 'CreateUserInput' })

export const UpdateUserInput = z
  .object({
    username: Username.optional(),
    email: z.email().max(320).nullable().optional(),
    is_verified: z.boolean().optional(),
    password: Password.optional().describe('All sessions of the person end.'),
    role: z.enum(ROLES).optional(),
    trust_level: TrustLevel.optional(),
    is_active: z.boolean().optional().describe('False: nothing works any more, keys included.'),
    is_silenced: z.boolean().optional().describe('True: may sign in and look, but not chat.'),
    avatar_url: z
      .url({ protocol: /^https$/ })
      .max(2_000)
      .nullable()
      .optional(),
  })
  .meta({ id: 'UpdateUserInput' })

export const BanInput = z
  .object({
    reason: z.string().trim().min(1).max(500).optional(),
    until: z.iso.datetime({ offset: true }).optional().describe('Absent: for good.'),
  })
  .meta({ id: 'BanInput' })

export const SessionsEnded = z
  .object({ message: z.string(), success: z.boolean(), ended: z.int() })
  .meta({ id: 'SessionsEnded' })
