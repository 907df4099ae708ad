import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { readClaims } from './claims.ts'
import type { UserInfo } from './schemas.ts'

/** OpenID Connect Core §5.3: what the application may know of the person whose token it shows. */
export async function userInfo(ctx: Ctx): Promise<z.input<typeof UserInfo>> {
  const person = requirePerson(ctx)
  if (person.type !== 'oauth')
    throw new AppError('insufficient_scope', 'This is for the tokens of applications.')
  const mayAsk = ['openid', 'profile', 'read:profile'] as const
  if (!mayAsk.some((scope) => person.scopes.includes(scope))) {
    throw new AppError('insufficient_scope', 'This access token lacks the scope "openid".', {
      headers: {
        'www-authenticate':
          'Bearer realm="shared-accounts", error="insufficient_scope", scope="openid"',
      },
    })
  }
  return { sub: String(person.userId), ...(await readClaims(ctx, person.userId, person.scopes)) }
}
