import * as z from 'zod'

export const MailTokenInput = z
  .object({ token: z.string().min(1).max(200).describe('What stands after "#token=".') })
  .meta({ id: 'MailTokenInput' })

export const ResendInput = z
  .object({
    email: z.string().min(1).max(320).optional().describe('E-mail address or user name.'),
    username: z.string().min(1).max(320).optional().describe('The same, under another name.'),
  })
  .refine((input) => input.username !== undefined || input.email !== undefined, {
    path: ['email'],
    message: 'Give either "email" or "username".',
  })
  .meta({ id: 'ResendVerificationInput' })

export const EmailChange = z
  .object({
    message: z.string(),
    success: z.boolean(),
    is_complete: z.boolean().describe('False while the other mailbox still has to agree.'),
  })
  .meta({ id: 'EmailChange' })
