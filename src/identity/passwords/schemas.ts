import * as z from 'zod'
import { NamedPerson } from '../accounts/index.ts'

/** Length and strength are judged by the policy, which says what to change. */
const NewPassword = z.string().min(1).max(1024)

export const ChangePasswordInput = z
  .object({
    old_password: z
      .string()
      .max(1024)
      .optional()
      .describe('May be left out only by people who have none and have just signed in.'),
    new_password: NewPassword,
  })
  .meta({ id: 'ChangePasswordInput' })

export const ForgotPasswordInput = NamedPerson.meta({ id: 'ForgotPasswordInput' })

export const MailToken = z.string().min(1).max(200).describe('What stands after "#token=".')

export const ResetPasswordInput = z
  .object({ token: MailToken, new_password: NewPassword })
  .meta({ id: 'ResetPasswordInput' })

export const Done = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })
