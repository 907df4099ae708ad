import * as z from 'zod'
import { NamedPerson } from '../accounts/index.ts'

export const MailTokenInput = z
  .object({ token: z.string().min(1).max(200).describe('What stands after "#token=".') })
  .meta({ id: 'MailTokenInput' })

export const ResendInput = NamedPerson.meta({ id: 'ResendVerificationInput' })

/** A change that waits for a mailbox to agree. */
export const PendingEmailChange = z
  .object({
    new_email: z.string(),
    old_confirmed_at: z.iso.datetime().nullable(),
    new_confirmed_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'PendingEmailChange' })

export const EmailChange = z
  .object({
    message: z.string(),
    success: z.boolean(),
    is_complete: z.boolean().describe('False while the other mailbox still has to agree.'),
  })
  .meta({ id: 'EmailChange' })
