import type { Database } from '../db/client.ts'
import type { SecretBox } from '../platform/crypto/secret-box.ts'
import type { RateLimiter } from '../platform/rate-limit.ts'
import type { RedisClient } from '../platform/redis.ts'
import type { KeyRing } from './key-ring.ts'
import type { Leases } from './leases.ts'
import type { Mailer } from './mailer.ts'
import type { PluginClient } from './plugin-client.ts'
import type { Tokens } from './tokens.ts'

/** Everything that reaches out of the process. */
export interface Services {
  db: Database
  redis: RedisClient
  rateLimiter: RateLimiter
  /** What this isolate holds of pools and other things that are shared out. */
  leases: Leases
  secretBox: SecretBox
  keyRing: KeyRing
  tokens: Tokens
  /** What nobody may choose as a password, in stems; throws `service_unavailable`. */
  commonPasswords: () => Promise<ReadonlySet<string>>
  /** Null while no plug-in API is configured. */
  plugin: PluginClient | null
  /** Null while no mail is configured. */
  mailer: Mailer | null
}
