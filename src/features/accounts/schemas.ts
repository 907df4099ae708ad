import * as z from 'zod'
import { ROLES } from '../../db/schema/users.ts'

export const User = z
  .object({
    id: z.int(),
    username: z.string(),
    email: z.string().nullable(),
    is_verified: z.boolean().describe('Whether the e-mail address is confirmed.'),
    avatar_url: z.string().nullable(),
    role: z.enum(ROLES),
    trust_level: z.int().min(0).max(4),
    is_active: z.boolean(),
    is_silenced: z.boolean(),
    created_at: z.iso.datetime(),
    last_login_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'User', description: 'A person.' })

/** Letters and digits of any script; no `@`, so that a user name never looks like an address. */
export const Username = z
  .string()
  .normalize('NFC')
  .min(3)
  .max(50)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u,
    'Use letters, digits, ".", "_" and "-"; start with a letter or digit.',
  )

export const Password = z.string().min(8, 'Use at least 8 characters.').max(256)

export const RegisterInput = z
  .object({
    username: Username.optional().describe('Derived from the e-mail address when absent.'),
    email: z.email().max(320).optional(),
    password: Password,
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['username'],
    message: 'Give a "username", an "email" or both.',
  })
  .meta({ id: 'RegisterInput' })
