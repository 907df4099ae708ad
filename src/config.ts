import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { crossChecks } from './config/checks.ts'
import { decodeKeys } from './config/keys.ts'
import {
  isOidcSettingName,
  LOGIN_PROVIDER_SETTING_NAMES,
  type LoginProviderSettings,
  parseLoginProviders,
} from './config/login-providers.ts'
import { settingNotes } from './config/notes.ts'
import { type Settings, schema } from './config/schema.ts'
import type { Argon2Cost } from './platform/crypto/password-formats/argon2id.ts'
import {
  LEAST_PASSWORD_LENGTH,
  type PasswordRules,
  USUAL_PASSWORD_LENGTH,
} from './platform/password-rules.ts'
import type { RatePolicy } from './platform/rate-policy.ts'
import { fromUnits } from './platform/units.ts'

/**
 * Everything that a deployment can set. This is the only module that sees the raw bindings; they
 * are parsed once per isolate, and whatever is missing or weak is reported by name, all at once.
 */

/** Whether something of this name can be set. */
export function isSettingName(name: string): boolean {
  return (
    name in schema.shape || LOGIN_PROVIDER_SETTING_NAMES.includes(name) || isOidcSettingName(name)
  )
}

/** Calls that are worth guessing or flooding; each has a setting, such as `LOGIN_RATE_LIMIT`. */
export type { NativeCallName } from './config/schema.ts'

export type LimitName = 'login' | 'refresh' | 'register' | 'reset' | 'check_username'

export interface Config
  extends Omit<Settings, 'API_DOCS' | 'PUBLIC_URL' | 'POOL_BASE_BY_TRUST_LEVEL'> {
  PUBLIC_URL: string | undefined
  API_DOCS: boolean
  /** `iss` of our tokens. */
  issuer: string
  accessTokenTtlSeconds: number
  refreshTokenTtlSeconds: number
  sessionMaxSeconds: number
  passwordCost: Argon2Cost
  /** AES-256-GCM keys, newest first: the first writes, all of them read. */
  encryptionKeys: Uint8Array<ArrayBuffer>[]
  /** Where people may sign in beside here. */
  loginProviders: LoginProviderSettings[]
  rateLimits: Record<
    'guest' | 'toggle' | 'mailbox' | LimitName,
    Pick<RatePolicy, 'limit' | 'windowSeconds'>
  >
  /** The limits of everybody who is no guest, by trust level; the last one counts for the levels above. */
  personRateLimits: Pick<RatePolicy, 'limit' | 'windowSeconds'>[]
  /** What everybody may draw without lending, by trust level, in 1/10,000 unit. */
  poolBases: number[]
  /** How many calls one person may have under way at once. */
  concurrencyLimits: Record<'person' | 'guest', number>
  /** What new passwords have to be. */
  passwordRules: PasswordRules
  isProduction: boolean
  /** What the deployment has set, by name, secrets too. */
  texts: Readonly<Record<string, string>>
}

/** What is wrong with the configuration, by name; never contains a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: string[]

  constructor(problems: string[]) {
    super(
      `The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/**
 * Parses the Worker's bindings.
 *
 * @throws {ConfigError} listing every missing or weak value
 */
export function parseConfig(bindings: Record<string, unknown>): Config {
  const texts = Object.fromEntries(
    Object.entries(bindings).filter(([, value]) => typeof value === 'string' && value !== ''),
  )
  const parsed = schema.safeParse(texts)
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => {
        const name = String(path[0])
        return name in texts ? `${name}: ${message}` : `${name}: is missing`
      })
  problems.push(...crossChecks(texts as Record<string, string>))
  const login = parseLoginProviders(texts as Record<string, string>)
  problems.push(...login.problems)
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)].sort())
  return { ...derive(parsed.data, login.providers), texts: texts as Record<string, string> }
}

/** Where people bring accounts one earns by lending; in front of a plain server the base is all there is. */
const DEFAULT_POOL_BASES = {
  antigravity: [0],
  openai: [1, 1, 2, 3, 4].map(fromUnits),
}

function derive(
  settings: Settings,
  loginProviders: LoginProviderSettings[],
): Omit<Config, 'texts'> {
  const isProduction = settings.APP_ENV === 'production'
  return {
    ...settings,
    PUBLIC_URL: settings.PUBLIC_URL,
    // The front end is the first to call from elsewhere.
    CORS_ORIGINS: settings.FRONTEND_URL
      ? [...new Set([...settings.CORS_ORIGINS, new URL(settings.FRONTEND_URL).origin])]
      : settings.CORS_ORIGINS,
    API_DOCS: settings.API_DOCS ?? !isProduction,
    issuer: settings.JWT_ISSUER ?? settings.PUBLIC_URL ?? 'shared-accounts',
    accessTokenTtlSeconds: Math.round(
      settings.ACCESS_TOKEN_EXPIRE_MINUTES
        ? settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60
        : settings.JWT_EXPIRE_HOURS * 3600,
    ),
    refreshTokenTtlSeconds: Math.round(settings.REFRESH_TOKEN_EXPIRE_DAYS * 86_400),
    sessionMaxSeconds: Math.round(settings.SESSION_MAX_DAYS * 86_400),
    passwordCost: { memoryKib: settings.ARGON2_MEMORY_KIB, passes: settings.ARGON2_PASSES },
    passwordRules: passwordRulesOf(settings),
    encryptionKeys: [
      ...(decodeKeys(settings.PLUGIN_API_ENCRYPTION_KEY ?? '') ?? []),
      // Without a plug-in API there are secrets to seal, too; what it sealed stays readable later.
      sha256(utf8ToBytes(`shared-accounts secret box ${settings.JWT_SECRET_KEY}`)),
    ],
    rateLimits: {
      guest: settings.GUEST_RATE_LIMIT,
      login: settings.LOGIN_RATE_LIMIT,
      refresh: settings.REFRESH_RATE_LIMIT,
      register: settings.REGISTER_RATE_LIMIT,
      reset: settings.RESET_RATE_LIMIT,
      check_username: settings.CHECK_USERNAME_RATE_LIMIT,
      toggle: settings.TOGGLE_RATE_LIMIT,
      mailbox: settings.MAILBOX_RATE_LIMIT,
    },
    personRateLimits: settings.RATE_LIMIT_BY_TRUST_LEVEL ?? [settings.RATE_LIMIT],
    poolBases: settings.POOL_BASE_BY_TRUST_LEVEL ?? DEFAULT_POOL_BASES[settings.PLUGIN_API_DIALECT],
    concurrencyLimits: {
      person: settings.CONCURRENCY_LIMIT,
      guest: settings.GUEST_CONCURRENCY_LIMIT,
    },
    loginProviders,
    isProduction,
  }
}

/** Where nothing else is asked of a password, a length that nobody has set is not either. */
function passwordRulesOf({ PASSWORD_POLICY, PASSWORD_MIN_LENGTH }: Settings): PasswordRules {
  const isLengthAlone = PASSWORD_POLICY === 'off'
  return {
    minLength:
      PASSWORD_MIN_LENGTH ?? (isLengthAlone ? LEAST_PASSWORD_LENGTH : USUAL_PASSWORD_LENGTH),
    isLengthAlone,
  }
}

let cached: { bindings: unknown; config: Config } | undefined

/** `parseConfig`, once per isolate. @param onStart told when that is done */
export function configOf(
  bindings: Record<string, unknown>,
  onStart?: (config: Config, notes: string[]) => void,
): Config {
  if (cached?.bindings !== bindings) {
    cached = { bindings, config: parseConfig(bindings) }
    onStart?.(cached.config, settingNotes(cached.config))
  }
  return cached.config
}
