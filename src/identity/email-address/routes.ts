import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { Done } from '../accounts/index.ts'
import { Proof } from '../mfa/index.ts'
import { holderOf } from '../sessions/index.ts'
import { confirmEmailChange, requestEmailChange } from './change.ts'
import { EmailChange, MailTokenInput, ResendInput } from './schemas.ts'
import { resendVerification, verifyEmail } from './verify.ts'

const tag = 'Sign-in'

const ChangeEmailInput = Proof.extend({ new_email: z.email().max(320) }).meta({
  id: 'ChangeEmailInput',
})

export const emailAddressEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/verify-email',
      operationId: 'verifyEmail',
      tag,
      summary: 'Confirm an e-mail address',
      description:
        'Best where you are signed in to the account: then it is known to be yours, and signing in by a provider that vouches for the address leads to it.',
      auth: 'optional',
      limit: 'reset',
      body: MailTokenInput,
      answer: { status: 200, description: 'The address is confirmed.', schema: Done },
      errors: ['invalid_one_time_token', 'email_taken'],
    },
    async (c, { body }) => {
      await verifyEmail(c.get('ctx'), body.token, await holderOf(c))
      return { message: 'The address is confirmed.', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/resend-verification',
      operationId: 'resendVerification',
      tag,
      summary: 'Mail the confirmation link again',
      description: 'The answer is the same whether or not there is an address to confirm.',
      auth: 'public',
      limit: 'reset',
      body: ResendInput,
      answer: { status: 202, description: 'Understood.', schema: Done },
    },
    async (c, { body }) => {
      await resendVerification(c.get('ctx'), body.email ?? body.username ?? '')
      return {
        message: 'If an address waits for confirmation, a mail is on its way.',
        success: true,
      }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/change-email',
      operationId: 'changeEmail',
      tag,
      summary: 'Change my e-mail address',
      description:
        'Mails a link to the old and to the new address; both have to agree. A mailbox gets a few such mails an hour and no more.',
      auth: 'session',
      limit: 'reset',
      body: ChangeEmailInput,
      answer: { status: 202, description: 'The mails are on their way.', schema: Done },
      errors: ['step_up_required', 'account_locked', 'invalid_code', 'invalid_request'],
    },
    async (c, { body }) => {
      await requestEmailChange(c.get('ctx'), body.new_email, body)
      return { message: 'Confirm the change in your mailboxes.', success: true }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/confirm-email',
      operationId: 'confirmEmailChange',
      tag,
      summary: 'Agree to a change of address',
      auth: 'optional',
      limit: 'reset',
      body: MailTokenInput,
      answer: { status: 200, description: 'This mailbox has agreed.', schema: EmailChange },
      errors: ['invalid_one_time_token', 'email_taken'],
    },
    async (c, { body }) => {
      const isComplete = await confirmEmailChange(c.get('ctx'), body.token, await holderOf(c))
      const message = isComplete
        ? 'The address is changed.'
        : 'The other mailbox has to agree, too.'
      return { message, success: true, is_complete: isComplete }
    },
  ),
]
