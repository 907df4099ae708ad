import type { Config } from '../../src/config.ts'
import type { Ctx } from '../../src/context.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { systemRandom } from '../../src/platform/random.ts'
import type { Target } from './target.ts'

const { parseConfig } = await import('../../src/config.ts')
const { createServices } = await import('../../src/services.ts')
const { COMMON_PASSWORDS } = await import(
  '../../src/credentials/password-policy/common-passwords.ts'
)

/** Of no use where there is no Redis: a call there fails as an outage would. */
const NO_REDIS = { url: 'http://127.0.0.1:1', token: 'none' }

/** What a verb gets when an operator runs it: the deployment's stores, and nothing that the command does not need. */
export function systemContext(target: Target, job: string): Ctx & { finish(): Promise<void> } {
  const redis = target.redis ?? NO_REDIS
  // Tokens are neither made nor checked here, so that any secret does.
  const secret = systemRandom.uuid() + systemRandom.uuid()
  const config: Config = parseConfig({
    DATABASE_URL: target.databaseUrl,
    ...(target.neonEndpoint && { NEON_FETCH_ENDPOINT: target.neonEndpoint }),
    UPSTASH_REDIS_REST_URL: redis.url,
    UPSTASH_REDIS_REST_TOKEN: redis.token,
    JWT_SECRET_KEY: secret,
  })
  const work: Promise<unknown>[] = []
  return {
    config,
    clock: systemClock,
    random: systemRandom,
    actor: { type: 'system', job },
    requestId: systemRandom.uuid(),
    clientIp: null,
    userAgent: null,
    services: createServices(config, async () => COMMON_PASSWORDS),
    logger: createLogger('error', systemClock.now),
    uncount: () => undefined,
    cleared: async () => undefined,
    waitUntil: (promise) => void work.push(promise),
    finish: async () => void (await Promise.allSettled(work)),
  }
}
