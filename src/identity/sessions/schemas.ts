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

const tokens = {
  access_token: z.string(),
  refresh_token: z.string().optional().describe('Absent where it comes as a cookie.'),
  token_type: z.literal('bearer'),
  expires_in: z.int().describe('Seconds until the access token expires.'),
}

export const LoginAnswer = z
  .object({
    ...tokens,
    user: User,
    role: z.enum(ROLES),
    username: z.string(),
    user_id: z.int(),
  })
  .meta({ id: 'LoginAnswer' })

/** The first half of a sign-in, where a second factor is due. */
export const SecondStepAnswer = z
  .object({
    mfa_required: z.literal(true),
    mfa_token: z.string().describe('For POST /api/auth/mfa/verify, and for nothing else.'),
    expires_in: z.int().describe('Seconds until the token expires.'),
    enrolment_required: z
      .boolean()
      .describe('True: add an authenticator app first, at POST /api/auth/mfa/enrol.'),
  })
  .meta({ id: 'SecondStepAnswer' })

/** Both take the token in the body or in the cookie. */
export const RefreshInput = z
  .object({
    refresh_token: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Not needed where it comes as a cookie.'),
  })
  .meta({ id: 'RefreshInput' })

export const LogoutAllInput = z
  .object({
    end_api_keys: z.boolean().default(false).describe('Whether your API keys end, too.'),
  })
  .meta({ id: 'LogoutAllInput' })

export const SignedOut = z
  .object({
    message: z.string(),
    success: z.boolean(),
    api_keys_ended: z.int().describe('How many API keys have ended with them.'),
  })
  .meta({ id: 'SignedOut' })

export const RefreshAnswer = z
  .object({ ...tokens, message: z.string() })
  .meta({ id: 'RefreshAnswer' })

export const Session = z
  .object({
    id: z.string(),
    device: z.string().describe('What the user agent says, in words.'),
    user_agent: z.string().nullable(),
    ip: z.string().nullable(),
    created_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime().describe('Accurate to about a minute.'),
    authenticated_at: z.iso.datetime().describe('When the password was given last.'),
    expires_at: z.iso.datetime().describe('Nothing carries the session beyond this moment.'),
    current: z.boolean(),
  })
  .meta({ id: 'Session' })

export const CurrentSession = z
  .object({
    id: z.string(),
    user_id: z.int(),
    username: z.string(),
    role: z.enum(ROLES),
    trust_level: z.int(),
    is_silenced: z.boolean(),
    authenticated_at: z.iso.datetime(),
  })
  .meta({ id: 'CurrentSession' })

export const SessionId = z.object({ id: z.string().regex(/^[\w-]{1,64}$/) })

export const Done = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })
