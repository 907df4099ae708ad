import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import type { ReadBeside } from '../credentials/principals/index.ts'
import { AppError } from '../errors.ts'
import { requireNamedScope, requirePermission, requireScope } from '../permissions.ts'
import type { AuthRequirement, EndpointSpec } from '../platform/http/endpoint.ts'
import { errorFaceOf } from '../platform/http/error-face.ts'
import { addHeaders, type HeaderLine } from '../platform/http/headers.ts'
import { openAIRateHeaders, type RateVerdict, rateHeaders } from '../platform/rate-limit.ts'
import { prepareAdmission } from '../sharing/quota/index.ts'
import { type Counted, identify, identifyIfPossible } from './identify.ts'
import { takeAddressLimit } from './limits.ts'

/**
 * What stands before every endpoint: its own limit for each address, who is asking, the limits of
 * their role and key, and what they may. Everything that asks Redis is sent together; limits that
 * need a round trip of their own are left to the handlers that say so to wait for.
 */
export function gate(spec: EndpointSpec): MiddlewareHandler<AppEnv> {
  const { auth, limit, admission } = spec
  return async (c, next) => {
    const beside = admission === 'handler' ? prepareAdmission(c.get('ctx')) : undefined
    const [ofAddress, counted] = limit
      ? await Promise.all([
          takeAddressLimit(c.get('ctx'), limit),
          (async () => identifyAs(c, spec, beside))(),
        ])
      : [null, await identifyAs(c, spec, beside)]
    if (ofAddress) refuseAnyOver(c, [ofAddress])

    const verdicts = counted?.verdicts ?? []
    if (!(verdicts instanceof Promise)) refuseAnyOver(c, verdicts)
    else if (admission === 'handler') leaveToHandler(c, verdicts)
    else refuseAnyOver(c, await verdicts)
    if (admission === 'handler' && counted) c.get('ctx').uncount = counted.uncount
    check(c, auth)
    await next()
    // After the handler: a Response of its own making drops what was set before.
    const shown =
      ofAddress ?? tightest(verdicts instanceof Promise ? await known(verdicts) : verdicts)
    if (shown) addHeaders(c, headersOf(c, shown))
  }
}

function identifyAs(
  c: Context<AppEnv>,
  { auth, isUncounted = false, isWithoutStores = false }: EndpointSpec,
  beside: ReadBeside | undefined,
): Counted | null | Promise<Counted> {
  if (auth === 'public') return null
  const how = { beside, isUncounted, isWithoutStores }
  return auth === 'optional' ? identifyIfPossible(c, how) : identify(c, how)
}

function leaveToHandler(c: Context<AppEnv>, verdicts: Promise<RateVerdict[]>): void {
  const cleared = verdicts.then((known) => refuseAnyOver(c, known))
  // A handler that fails before it asks leaves nobody to hear this.
  cleared.catch(() => undefined)
  c.get('ctx').cleared = () => cleared
}

/** Redis being down has been said already, where it mattered. */
async function known(verdicts: Promise<RateVerdict[]>): Promise<readonly RateVerdict[]> {
  try {
    return await verdicts
  } catch {
    return []
  }
}

function refuseAnyOver(c: Context<AppEnv>, verdicts: readonly RateVerdict[]): void {
  const refusals = verdicts.filter(({ isAllowed }) => !isAllowed)
  if (refusals.length === 0) return
  const longest = refusals.reduce((a, b) => (b.resetSeconds > a.resetSeconds ? b : a))
  throw new AppError('rate_limited', 'Too many requests. Slow down.', {
    retryAfterSeconds: longest.resetSeconds,
    headers: Object.fromEntries(headersOf(c, longest)),
  })
}

/** The limit that will be met first. */
function tightest(verdicts: readonly RateVerdict[]): RateVerdict | undefined {
  let tight = verdicts[0]
  for (const verdict of verdicts) if (tight && verdict.remaining < tight.remaining) tight = verdict
  return tight
}

function check(c: Context<AppEnv>, requirement: AuthRequirement): void {
  const ctx = c.get('ctx')
  if (requirement === 'session' && ctx.actor.type !== 'session')
    throw new AppError('forbidden', 'This call needs an access token; an API key is not enough.')
  if (typeof requirement !== 'object') return
  if ('scope' in requirement) requireScope(ctx, requirement.scope)
  else if ('namedScope' in requirement) requireNamedScope(ctx, requirement.namedScope)
  else requirePermission(ctx, requirement.permission)
}

function headersOf(c: Context<AppEnv>, verdict: RateVerdict): HeaderLine[] {
  const isOpenAI = errorFaceOf(c.req.path) === 'openai'
  return isOpenAI ? [...rateHeaders(verdict), ...openAIRateHeaders(verdict)] : rateHeaders(verdict)
}
