import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { AppEnv } from '../app-env.ts'
import { type Config, configOf } from '../config.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/logger.ts'
import { systemRandom } from '../platform/random.ts'
import { servicesOf } from '../services.ts'

/** Where the gate waits for the limits itself. */
const isCleared = async () => undefined

/** Says once in each isolate which settings will not do what people expect of them. */
function noteSettings({ LOG_LEVEL }: Config, notes: string[]): void {
  const logger = createLogger(LOG_LEVEL, systemClock.now)
  for (const note of notes) logger.log('warn', 'setting_note', { note })
}

/** Gives the request its context, and the log one line about it. */
export const requestContext: MiddlewareHandler<AppEnv> = async (c, next) => {
  const startedAt = systemClock.now()
  const config = configOf(c.env, noteSettings)
  const logger = createLogger(config.LOG_LEVEL, systemClock.now)
  const requestId = c.get('requestId')
  c.set('ctx', {
    config,
    clock: systemClock,
    random: systemRandom,
    actor: { type: 'anonymous' },
    requestId,
    clientIp: c.req.header('cf-connecting-ip') ?? null,
    userAgent: c.req.header('user-agent') ?? null,
    services: servicesOf(config, c.env.ASSETS),
    logger,
    cleared: isCleared,
    uncount: () => undefined,
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  })
  await next()
  const { actor } = c.get('ctx')
  logger.log('info', 'request', {
    request_id: requestId,
    method: c.req.method,
    // The pattern, never the path: paths can carry secrets.
    route: routePath(c, -1),
    status: c.res.status,
    duration_ms: systemClock.now() - startedAt,
    user_id: 'userId' in actor ? actor.userId : null,
  })
}
