import * as z from 'zod'
import { ROLES } from '../../db/schema/users.ts'
import { LEAST_PASSWORD_LENGTH, USUAL_PASSWORD_LENGTH } from '../../platform/password-rules.ts'
import { nameProblem } from './name-rules.ts'

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
  .superRefine((name, check) => {
    const problem = nameProblem(name)
    if (problem) check.addIssue({ code: 'custom', message: problem })
  })

/** Strength is judged by the policy, which says what to change. */
export const Password = z
  .string()
  .min(
    LEAST_PASSWORD_LENGTH,
    `Use at least ${USUAL_PASSWORD_LENGTH} characters, or ${LEAST_PASSWORD_LENGTH} where the server is set to that.`,
  )
  .max(1024)
  .describe(
    '8 to 256 characters (`PASSWORD_MIN_LENGTH`); not a common password, nor built from name or address.',
  )

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

/** Somebody to whom a mail goes, named under either key. */
export const NamedPerson = z
  .object({
    email: z.string().min(1).max(320).optional().describe('E-mail address or user name.'),
    username: z.string().min(1).max(320).optional().describe('The same, under another name.'),
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['email'],
    message: 'Give either "email" or "username".',
  })

export const Done = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })

export const UsernameQuery = z.object({ username: z.string().min(1).max(320) })

export const UsernameCheck = z
  .object({
    username: z.string(),
    exists: z.boolean().describe('Somebody has it, or a name that people take for the same.'),
    available: z.boolean().describe('It is free and could be registered.'),
  })
  .meta({ id: 'UsernameCheck' })
