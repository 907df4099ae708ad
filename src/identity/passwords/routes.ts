import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { changePassword } from './change-password.ts'
import { forgotPassword } from './forgot-password.ts'
import { resetPassword } from './reset-password.ts'
import {
  ChangePasswordInput,
  Done,
  ForgotPasswordInput,
  PasswordChanged,
  ResetPasswordInput,
} from './schemas.ts'

const tag = 'Sign-in'

/** Two of the systems that people come from call it differently. */
const forgotPasswordAt = (path: string, operationId: string): Endpoint =>
  endpoint(
    {
      method: 'post',
      path,
      operationId,
      tag,
      summary: 'Ask for a new password',
      description:
        'Mails a link to the person, if there is one. The answer is the same if there is none.',
      auth: 'public',
      limit: 'reset',
      body: ForgotPasswordInput,
      answer: { status: 202, description: 'Understood.', schema: Done },
    },
    async (c, { body }) => {
      await forgotPassword(c.get('ctx'), body.email ?? body.username ?? '')
      return { message: 'If this person exists, a mail is on its way.', success: true }
    },
  )

export const passwordEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/change-password',
      operationId: 'changePassword',
      tag,
      summary: 'Change my password',
      description:
        'Needs the second factor where there is one. Your other devices are signed out; your API keys go on, unless you say otherwise.',
      auth: 'session',
      body: ChangePasswordInput,
      answer: { status: 200, description: 'The password is changed.', schema: PasswordChanged },
      errors: [
        'account_locked',
        'fresh_login_required',
        'step_up_required',
        'invalid_code',
        'conflict',
      ],
    },
    async (c, { body }) => {
      const api_keys_ended = await changePassword(c.get('ctx'), body)
      return { message: 'The password is changed.', success: true, api_keys_ended }
    },
  ),
  forgotPasswordAt('/auth/forgot-password', 'forgotPassword'),
  forgotPasswordAt('/auth/request-password-reset', 'requestPasswordReset'),
  endpoint(
    {
      method: 'post',
      path: '/auth/reset-password',
      operationId: 'resetPassword',
      tag,
      summary: 'Choose a new password',
      description:
        'With a token from a mail, which works once. All devices are signed out, and all API keys end unless you say otherwise. Where the address is proven for the first time by this, whatever opened the account before is ended: keys, identities, second factor.',
      auth: 'public',
      limit: 'reset',
      body: ResetPasswordInput,
      answer: { status: 200, description: 'The password is changed.', schema: PasswordChanged },
      errors: ['invalid_one_time_token'],
    },
    async (c, { body }) => {
      const api_keys_ended = await resetPassword(c.get('ctx'), body)
      const message = 'The password is changed. Sign in with it.'
      return { message, success: true, api_keys_ended }
    },
  ),
]
