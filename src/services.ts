import type { Config } from './config.ts'
import { createDatabase, type Database } from './db/client.ts'
import { createPluginClient, type PluginClient } from './features/plugin/index.ts'
import { createTokens, type Tokens } from './features/sessions/index.ts'
import { createSecretBox, type SecretBox } from './platform/crypto/secret-box.ts'
import { createRedis, type RedisClient } from './platform/redis.ts'

/** Everything that reaches out of the process. Made once per isolate: none of it holds a connection. */
export interface Services {
  db: Database
  redis: RedisClient
  secretBox: SecretBox
  tokens: Tokens
  /** Null while no plug-in API is configured. */
  plugin: PluginClient | null
}

/** The composition root. */
export function createServices(config: Config): Services {
  return {
    db: createDatabase(config.DATABASE_URL, config.NEON_FETCH_ENDPOINT),
    redis: createRedis(config.UPSTASH_REDIS_REST_URL, config.UPSTASH_REDIS_REST_TOKEN),
    secretBox: createSecretBox(config.encryptionKeys),
    tokens: createTokens(config),
    plugin: createPluginClient(config),
  }
}

let cached: { config: Config; services: Services } | undefined

/** `createServices`, once per isolate. */
export function servicesOf(config: Config): Services {
  if (cached?.config !== config) cached = { config, services: createServices(config) }
  return cached.services
}
