import * as z from 'zod'
import { NamedPerson } from '../accounts/index.ts'

export const MailTokenInput = z
  .object({ token: z.string().min(1).max(200).describe('What stands after "#token=".') })
  .meta({ id: 'MailTokenInput' })

export const ResendInput = NamedPerson.meta({ id: 'ResendVerificationInput' })

export const EmailChange = z
  .object({
    message: z.string(),
    success: z.boolean(),
    is_complete: z.boolean().describe('False while the other mailbox still has to agree.'),
  })
  .meta({ id: 'EmailChange' })
