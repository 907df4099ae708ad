import type { Config } from './config.ts'
import { createKeyRing } from './credentials/signing-keys/index.ts'
import { createDatabase } from './db/client.ts'
import { createTokens } from './identity/sessions/index.ts'
import { createMailer } from './notices/mail/index.ts'
import { createSecretBox } from './platform/crypto/secret-box.ts'
import { systemRandom } from './platform/random.ts'
import { createRateLimiter } from './platform/rate-limit.ts'
import { createRedis } from './platform/redis.ts'
import type { Services } from './ports/services.ts'
import { createPluginClient } from './sharing/plugin/index.ts'
import { Leases } from './sharing/quota/index.ts'

/** The composition root: the one place that knows what stands behind each port. None of it holds a connection. */
export function createServices(config: Config): Services {
  const db = createDatabase(config.DATABASE_URL, config.NEON_FETCH_ENDPOINT)
  const redis = createRedis(config.UPSTASH_REDIS_REST_URL, config.UPSTASH_REDIS_REST_TOKEN)
  const secretBox = createSecretBox(config.encryptionKeys)
  const keyRing = createKeyRing({ config, db, secretBox, random: systemRandom })
  return {
    db,
    redis,
    rateLimiter: createRateLimiter(redis),
    leases: new Leases({
      holder: systemRandom.uuid(),
      claimTtlMs: config.CALL_LEASE_SECONDS * 1000,
    }),
    secretBox,
    keyRing,
    tokens: createTokens(config, keyRing),
    plugin: createPluginClient(config),
    mailer: createMailer(config),
  }
}

let cached: { config: Config; services: Services } | undefined

/** `createServices`, once per isolate. */
export function servicesOf(config: Config): Services {
  if (cached?.config !== config) cached = { config, services: createServices(config) }
  return cached.services
}
