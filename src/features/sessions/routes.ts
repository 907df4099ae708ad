import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { login } from './login.ts'
import { LoginAnswer, LoginInput } from './schemas.ts'

export const sessionEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/login',
      operationId: 'login',
      tag: 'Sign-in',
      summary: 'Sign in',
      description:
        'Signs in with a user name or an e-mail address (under either key) and a password.',
      auth: 'public',
      body: LoginInput,
      answer: { status: 200, description: 'The tokens of a new session.', schema: LoginAnswer },
      errors: ['invalid_credentials', 'account_disabled'],
    },
    async (c, { body }) => login(c.get('ctx'), body),
  ),
]
