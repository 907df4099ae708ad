import * as z from 'zod'
import { NamedPerson } from '../accounts/index.ts'
import { Proof } from '../mfa/index.ts'

const SecondFactor = Proof.shape

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
    code: SecondFactor.code,
    recovery_code: SecondFactor.recovery_code,
    end_api_keys: z.boolean().default(false).describe('Whether your API keys end, too.'),
  })
  .meta({ id: 'ChangePasswordInput' })

export const ForgotPasswordInput = NamedPerson.meta({ id: 'ForgotPasswordInput' })

export const MailToken = z.string().min(1).max(200).describe('What stands after "#token=".')

export const ResetPasswordInput = z
  .object({
    token: MailToken,
    new_password: NewPassword,
    end_api_keys: z
      .boolean()
      .default(true)
      .describe(
        'False: your API keys go on. Those of an account whose address nobody had proven end in any case.',
      ),
  })
  .meta({ id: 'ResetPasswordInput' })

export const PasswordChanged = z
  .object({
    message: z.string(),
    success: z.boolean(),
    api_keys_ended: z.int().describe('How many API keys have ended with it.'),
  })
  .meta({ id: 'PasswordChanged' })

export const Done = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })
