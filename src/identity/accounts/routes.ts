import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { provisionSoon } from '../../sharing/plugin/index.ts'
import { checkUsername } from './check-username.ts'
import { getMe } from './get-me.ts'
import { register } from './register.ts'
import { Done, RegisterInput, User, UsernameCheck, UsernameQuery } from './schemas.ts'
import { toUser } from './user-view.ts'

export const accountEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/auth/register',
      operationId: 'register',
      tag: 'Sign-in',
      summary: 'Register',
      description:
        'Makes an account from a user name, an e-mail address or both, and a password. The answer does not tell whether somebody has the address already: whoever has confirmed it is told by mail.',
      auth: 'public',
      limit: 'register',
      body: RegisterInput,
      answer: { status: 201, description: 'The new account.', schema: User },
      otherAnswers: {
        202: {
          description:
            'A mail is on its way: where addresses have to be confirmed before the first sign-in.',
          schema: Done,
        },
      },
      errors: ['username_taken', 'registration_closed'],
    },
    async (c, { body }) => {
      const ctx = c.get('ctx')
      const user = await register(ctx, body)
      if (ctx.config.REQUIRE_VERIFIED_EMAIL)
        return c.json({ message: 'Confirm your address: see your mail.', success: true }, 202)
      provisionSoon(ctx, user.id)
      return toUser(user)
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/auth/check-username',
      operationId: 'checkUsername',
      tag: 'Sign-in',
      summary: 'Is this user name free?',
      auth: 'public',
      limit: 'check_username',
      query: UsernameQuery,
      answer: { status: 200, description: 'Whether somebody has it.', schema: UsernameCheck },
    },
    async (c, { query }) => checkUsername(c.get('ctx'), query.username),
  ),
  endpoint(
    {
      method: 'get',
      path: '/auth/me',
      operationId: 'getMe',
      tag: 'Sign-in',
      summary: 'Who am I',
      auth: { scope: 'read:users' },
      answer: { status: 200, description: 'The person behind the credential.', schema: User },
    },
    async (c) => toUser(await getMe(c.get('ctx'))),
  ),
]
