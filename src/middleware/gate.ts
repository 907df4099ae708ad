import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { requirePermission, requireScope } from '../permissions.ts'
import type { AuthRequirement, EndpointSpec } from '../platform/http/endpoint.ts'
import { errorFaceOf } from '../platform/http/error-face.ts'
import { openAIRateHeaders, type RateVerdict, rateHeaders } from '../platform/rate-limit.ts'
import { identify, identifyIfPossible } from './identify.ts'
import { takeAddressLimit } from './limits.ts'

/**
 * What stands before every endpoint: its own limit for each address, who is asking, the limit of
 * their role, and what they may. Everything that asks Redis is sent together.
 */
export function gate({ auth, limit }: EndpointSpec): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const [ofAddress, ofRole] = await Promise.all([
      limit ? takeAddressLimit(c.get('ctx'), limit) : null,
      identifyAs(c, auth),
    ])
    const verdicts = [ofAddress, ofRole].filter((verdict) => verdict !== null)
    for (const verdict of verdicts) if (!verdict.isAllowed) throw tooMany(c, verdict)
    check(c, auth)
    await next()
    // After the handler: a Response of its own making drops what was set before.
    const tightest = verdicts[0]
    if (!tightest) return
    for (const [name, value] of Object.entries(headersOf(c, tightest))) c.header(name, value)
  }
}

async function identifyAs(
  c: Context<AppEnv>,
  requirement: AuthRequirement,
): Promise<RateVerdict | null> {
  if (requirement === 'public') return null
  return requirement === 'optional' ? identifyIfPossible(c) : identify(c)
}

function check(c: Context<AppEnv>, requirement: AuthRequirement): void {
  const ctx = c.get('ctx')
  if (requirement === 'session' && ctx.actor.type !== 'session')
    throw new AppError('forbidden', 'This call needs an access token; an API key is not enough.')
  if (typeof requirement !== 'object') return
  if ('scope' in requirement) requireScope(ctx, requirement.scope)
  else requirePermission(ctx, requirement.permission)
}

function headersOf(c: Context<AppEnv>, verdict: RateVerdict): Record<string, string> {
  const isOpenAI = errorFaceOf(c.req.path) === 'openai'
  return { ...rateHeaders(verdict), ...(isOpenAI && openAIRateHeaders(verdict)) }
}

function tooMany(c: Context<AppEnv>, verdict: RateVerdict): AppError {
  return new AppError('rate_limited', 'Too many requests. Slow down.', {
    retryAfterSeconds: verdict.resetSeconds,
    headers: headersOf(c, verdict),
  })
}
