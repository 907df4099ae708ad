import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { changePassword } from './change-password.ts'
import { forgotPassword } from './forgot-password.ts'
import { resetPassword } from './reset-password.ts'
import { ChangePasswordInput, Done, ForgotPasswordInput, ResetPasswordInput } from './schemas.ts'

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
      description: 'Your other devices are signed out.',
      auth: 'session',
      body: ChangePasswordInput,
      answer: { status: 200, description: 'The password is changed.', schema: Done },
      errors: ['account_locked', 'fresh_login_required', 'conflict'],
    },
    async (c, { body }) => {
      await changePassword(c.get('ctx'), body)
      return { message: 'The password is changed.', success: true }
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
      description: 'With a token from a mail, which works once. All devices are signed out.',
      auth: 'public',
      limit: 'reset',
      body: ResetPasswordInput,
      answer: { status: 200, description: 'The password is changed.', schema: Done },
      errors: ['invalid_one_time_token'],
    },
    async (c, { body }) => {
      await resetPassword(c.get('ctx'), body)
      return { message: 'The password is changed. Sign in with it.', success: true }
    },
  ),
]
