import * as z from 'zod'
import { ROLES } from '../../db/schema/users.ts'
import { User } from '../accounts/index.ts'

/** Login takes the name under either key, as its callers differ. */
export const LoginInput = z
  .object({
    username: z.string().min(1).max(320).optional().describe('User name or e-mail address.'),
    email: z.string().min(1).max(320).optional().describe('The same, under another name.'),
    password: z.string().min(1).max(1024),
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['username'],
    message: 'Give either "username" or "email".',
  })
  .meta({ id: 'LoginInput' })

export const LoginAnswer = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int().describe('Seconds until the access token expires.'),
    user: User,
    role: z.enum(ROLES),
    username: z.string(),
    user_id: z.int(),
  })
  .meta({ id: 'LoginAnswer' })
