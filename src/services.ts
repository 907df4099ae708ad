import type { Config } from './config.ts'
import { createKeyRing, type KeyRing } from './credentials/signing-keys/index.ts'
import { createDatabase, type Database } from './db/client.ts'
import { createTokens, type Tokens } from './identity/sessions/index.ts'
import { createMailer, type Mailer } from './notices/mail/index.ts'
import { createSecretBox, type SecretBox } from './platform/crypto/secret-box.ts'
import { systemRandom } from './platform/random.ts'
import { createRateLimiter, type RateLimiter } from './platform/rate-limit.ts'
import { createRedis, type RedisClient } from './platform/redis.ts'
import { createPluginClient, type PluginClient } from './sharing/plugin/index.ts'
import { Leases } from './sharing/quota/index.ts'

/** Everything that reaches out of the process. Made once per isolate: none of it holds a connection. */
export interface Services {
  db: Database
  redis: RedisClient
  rateLimiter: RateLimiter
  /** What this isolate holds of pools and other things that are shared out. */
  leases: Leases
  secretBox: SecretBox
  keyRing: KeyRing
  tokens: Tokens
  /** Null while no plug-in API is configured. */
  plugin: PluginClient | null
  /** Null while no mail is configured. */
  mailer: Mailer | null
}

/** The composition root. */
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
