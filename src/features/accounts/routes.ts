import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { provisionSoon } from '../plugin/index.ts'
import { getMe } from './get-me.ts'
import { register } from './register.ts'
import { RegisterInput, User } from './schemas.ts'
import { toUser } from './user-view.ts'

export const accountEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/register',
      operationId: 'register',
      tag: 'Sign-in',
      summary: 'Register',
      description: 'Makes an account from a user name, an e-mail address or both, and a password.',
      auth: 'public',
      body: RegisterInput,
      answer: { status: 201, description: 'The new account.', schema: User },
      errors: ['username_taken', 'email_taken', 'registration_closed'],
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const user = await register(ctx, body)
      provisionSoon(ctx, user.id)
      return toUser(user)
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/auth/me',
      operationId: 'getMe',
      tag: 'Sign-in',
      summary: 'Who am I',
      auth: 'person',
      answer: { status: 200, description: 'The person behind the credential.', schema: User },
    },
    async (c) => toUser(await getMe(c.get('ctx'))),
  ),
]
