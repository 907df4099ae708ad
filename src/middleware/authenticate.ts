import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { authenticateKey } from '../features/principals/index.ts'
import { authenticateSession, verifyAccessToken } from '../features/sessions/index.ts'
import { requirePermission, requireScope } from '../permissions.ts'
import type { AuthRequirement } from '../platform/http/endpoint.ts'

/** Every key begins like this, ours and those that people confuse with ours. */
const ANY_KEY = /^sk-/

/** Puts the actor behind the request's credential into the context, or refuses. */
export function authenticate(requirement: AuthRequirement): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (requirement === 'optional') await identifyIfPossible(c)
    else if (requirement !== 'public') {
      await identify(c)
      check(c, requirement)
    }
    await next()
  }
}

async function identify(c: Context<AppEnv>): Promise<void> {
  const ctx = c.get('ctx')
  const credential = readCredential(c)
  if (!credential)
    throw new AppError('not_authenticated', 'Send your credential as "Authorization: Bearer …".')
  ctx.actor = ANY_KEY.test(credential)
    ? await authenticateKey(ctx, credential)
    : await authenticateSession(ctx, await verifyAccessToken(ctx, credential))
}

/** Only a credential that does not hold is passed over; a store that is down still says so. */
async function identifyIfPossible(c: Context<AppEnv>): Promise<void> {
  try {
    await identify(c)
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 401) throw error
  }
}

function check(c: Context<AppEnv>, requirement: Exclude<AuthRequirement, 'public'>): void {
  const ctx = c.get('ctx')
  if (requirement === 'session' && ctx.actor.type !== 'session')
    throw new AppError('forbidden', 'This call needs an access token; an API key is not enough.')
  if (typeof requirement !== 'object') return
  if ('scope' in requirement) requireScope(ctx, requirement.scope)
  else requirePermission(ctx, requirement.permission)
}

/**
 * RFC 6750 §2.1; the scheme's name is case-insensitive (RFC 9110 §11.1). Whatever is not of that form
 * is no credential.
 */
function readCredential(c: Context<AppEnv>): string | undefined {
  const bearer = /^bearer +([\w.~+/=-]+) *$/i.exec(c.req.header('authorization') ?? '')?.[1]
  return bearer ?? (c.req.header('x-api-key')?.trim() || undefined)
}
