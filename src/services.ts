import type { Bindings } from './app-env.ts'
import type { Config } from './config.ts'
import { loadCommonPasswords } from './credentials/password-policy/index.ts'
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

/** The address does not matter, only the path. */
const COMMON_PASSWORDS = 'https://assets.local/assets/common-passwords.txt'

/**
 * The composition root: the one place that knows what stands behind each port. None of it holds a connection.
 *
 * @param readCommonPasswords text of the list
 */
export function createServices(
  config: Config,
  readCommonPasswords: () => Promise<string>,
): Services {
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
    commonPasswords: loadCommonPasswords(readCommonPasswords),
    plugin: createPluginClient(config),
    mailer: createMailer(config),
  }
}

let cached: { config: Config; services: Services } | undefined

/** `createServices`, once per isolate. @param assets the files beside the Worker */
export function servicesOf(config: Config, assets: Bindings['ASSETS']): Services {
  if (cached?.config !== config)
    cached = { config, services: createServices(config, () => readAsset(assets)) }
  return cached.services
}

async function readAsset(assets: Bindings['ASSETS']): Promise<string> {
  const file = await assets?.fetch(new Request(COMMON_PASSWORDS))
  return file?.ok ? file.text() : ''
}
