import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { authenticateKey } from '../features/principals/index.ts'
import { authenticateSession } from '../features/sessions/index.ts'
import type { AuthRequirement } from '../platform/http/endpoint.ts'

/** Every key begins like this, ours and those that people confuse with ours. */
const ANY_KEY = /^sk-/

/** Puts the actor behind the request's credential into the context, or refuses. */
export function authenticate(requirement: AuthRequirement): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (requirement !== 'public') {
      const ctx = c.get('ctx')
      const credential = readCredential(c)
      if (!credential)
        throw new AppError(
          'not_authenticated',
          'Send your credential as "Authorization: Bearer …".',
        )
      ctx.actor = ANY_KEY.test(credential)
        ? await authenticateKey(ctx, credential)
        : await authenticateSession(ctx, credential)
      if (requirement === 'session' && ctx.actor.type !== 'session') {
        throw new AppError(
          'forbidden',
          'This call needs an access token; an API key is not enough.',
        )
      }
    }
    await next()
  }
}

/** RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). */
function readCredential(c: Context<AppEnv>): string | undefined {
  const bearer = /^bearer +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
  return bearer ?? (c.req.header('x-api-key') ?? c.req.header('x-goog-api-key'))?.trim()
}
