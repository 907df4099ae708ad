import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as z from 'zod'
import {
  isOidcSettingName,
  LOGIN_PROVIDER_SETTING_NAMES,
  type LoginProviderSettings,
  parseLoginProviders,
} from './config-login-providers.ts'
import { JWT_ALGORITHMS } from './db/schema/signing-keys.ts'
import { ROLES } from './db/schema/users.ts'
import { parseRange } from './platform/address.ts'
import type { LimitName } from './platform/http/endpoint.ts'
import { LOG_LEVELS } from './platform/logger.ts'

import type { RatePolicy } from './platform/rate-limit.ts'

/**
 * Everything that a deployment can set. This is the only module that sees the raw bindings; they
 * are parsed once per isolate, and whatever is missing or weak is reported by name, all at once.
 */

const MIN_SECRET_LENGTH = 32
/** A random secret of 32 characters has far more; `aaaa…` does not. */
const MIN_DISTINCT_CHARACTERS = 8

/** Values from examples and documents that must never protect a real deployment. */
const EXAMPLE_SECRET =
  /^(your[-_]|change[-_]?me|secret|password|example|test[-_]|dev[-_]|sk-admin-your)|change-this/i

const secret = z
  .string()
  .min(MIN_SECRET_LENGTH, `must have at least ${MIN_SECRET_LENGTH} characters`)

const seconds = (fallback: number, max = 86_400) =>
  z.coerce.number().positive().max(max).default(fallback)
const flag = () =>
  z
    .enum(['true', 'false', '1', '0'], 'must be true or false')
    .transform((text) => text === 'true' || text === '1')
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  )

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/** `20/1m`: so many calls in that time. */
const rate = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, check) => {
      const [, limit, count, unit] = /^(\d{1,9})\/(\d{1,5})?([smhd])$/.exec(text.trim()) ?? []
      const windowSeconds = Number(count ?? 1) * UNITS[(unit ?? 's') as keyof typeof UNITS]
      if (Number(limit) > 0 && windowSeconds > 0) return { limit: Number(limit), windowSeconds }
      check.addIssue('must be a number of calls and a time, such as 20/1m')
      return z.NEVER
    })

const ranges = list.transform((entries, check) =>
  entries.flatMap((entry) => {
    const range = parseRange(entry)
    if (range) return [range]
    check.addIssue('every entry must be an IP address or a range such as 10.0.0.0/8')
    return []
  }),
)

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
const origin = httpUrl.transform((url) => url.replace(/\/+$/, ''))

const schema = z.object({
  APP_ENV: z.enum(['development', 'staging', 'production']).default('development'),
  LOG_LEVEL: z
    .string()
    .default('info')
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(LOG_LEVELS)),
  PUBLIC_URL: origin.optional(),
  CORS_ORIGINS: list,
  FRONTEND_URL: origin.optional(),
  API_DOCS: flag().optional(),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  NEON_FETCH_ENDPOINT: httpUrl.optional(),
  UPSTASH_REDIS_REST_URL: httpUrl,
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),

  JWT_SECRET_KEY: secret,
  REFRESH_TOKEN_SECRET_KEY: secret.optional(),
  JWT_ALGORITHM: z.enum(JWT_ALGORITHMS).default('HS256'),
  JWT_ROTATION_DAYS: z.coerce.number().positive().max(3_650).default(30),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).default('shared-accounts'),
  JWT_EXPIRE_HOURS: z.coerce
    .number()
    .positive()
    .max(24 * 30)
    .default(24),
  ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce
    .number()
    .positive()
    .max(60 * 24 * 30)
    .optional(),
  REFRESH_TOKEN_EXPIRE_DAYS: z.coerce.number().positive().max(365).default(7),
  SESSION_MAX_DAYS: z.coerce.number().positive().max(365).default(30),
  REFRESH_REUSE_LEEWAY_SECONDS: z.coerce.number().min(0).max(300).default(0),
  REFRESH_TOKEN_TRANSPORT: z.enum(['body', 'cookie']).default('body'),
  RESPONSE_FORMAT: z.enum(['bare', 'envelope']).default('bare'),
  MAX_LOGIN_ATTEMPTS: z.coerce.number().int().min(1).max(1_000).default(5),
  MAX_LOGIN_ATTEMPTS_PER_ADDRESS: z.coerce.number().int().min(1).max(100_000).default(20),
  LOCKOUT_DURATION_MINUTES: z.coerce.number().positive().max(1_440).default(30),
  RATE_LIMIT: rate('3000/1m'),
  GUEST_RATE_LIMIT: rate('24/24h'),
  LOGIN_RATE_LIMIT: rate('20/1m'),
  REFRESH_RATE_LIMIT: rate('60/1m'),
  REGISTER_RATE_LIMIT: rate('20/1h'),
  RESET_RATE_LIMIT: rate('10/1h'),
  CHECK_USERNAME_RATE_LIMIT: rate('30/1m'),
  IP_ALLOWLIST: ranges,
  IP_DENYLIST: ranges,
  ALLOW_REGISTRATION: flag().default(true),
  PRINCIPAL_CACHE_SECONDS: z.coerce.number().min(0).max(60).default(5),

  PLUGIN_API_BASE_URL: origin.optional(),
  PLUGIN_API_ADMIN_KEY: z.string().min(8).optional(),
  PLUGIN_API_ENCRYPTION_KEY: z.string().optional(),

  LOGIN_PROVIDER_TIMEOUT_SECONDS: seconds(10, 10),
  MAIL_FROM: z.string().min(3).max(320).optional(),
  SMTP_HOST: z.string().min(1).optional(),
  SMTP_PORT: z.coerce.number().int().min(1).max(65_535).default(587),
  SMTP_SECURITY: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  SMTP_USERNAME: z.string().min(1).optional(),
  SMTP_PASSWORD: z.string().min(1).optional(),
  MAIL_API_URL: httpUrl.optional(),
  MAIL_API_KEY: z.string().min(1).optional(),
  REQUIRE_VERIFIED_EMAIL: flag().default(false),
  MFA_REQUIRED_ROLES: list.pipe(z.array(z.enum(ROLES, `must be among ${ROLES.join(', ')}`))),
  AUDIT_RETENTION_DAYS: z.coerce.number().positive().max(3_650).default(365),

  UPSTREAM_FIRST_BYTE_SECONDS: seconds(120, 1_200),
  UPSTREAM_IDLE_SECONDS: seconds(120, 1_200),
})

/** Whether something of this name can be set. */
export function isSettingName(name: string): boolean {
  return (
    name in schema.shape || LOGIN_PROVIDER_SETTING_NAMES.includes(name) || isOidcSettingName(name)
  )
}

type Settings = z.output<typeof schema>

export interface Config extends Omit<Settings, 'API_DOCS' | 'PUBLIC_URL'> {
  PUBLIC_URL: string | undefined
  API_DOCS: boolean
  /** `iss` of our tokens. */
  issuer: string
  accessTokenTtlSeconds: number
  refreshTokenTtlSeconds: number
  sessionMaxSeconds: number
  /** AES-256-GCM keys, newest first: the first writes, all of them read. */
  encryptionKeys: Uint8Array<ArrayBuffer>[]
  /** Where people may sign in beside here. */
  loginProviders: LoginProviderSettings[]
  rateLimits: Record<'person' | 'guest' | LimitName, Pick<RatePolicy, 'limit' | 'windowSeconds'>>
  isProduction: boolean
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
  return derive(parsed.data, login.providers)
}

function crossChecks(env: Record<string, string>): string[] {
  const problems: string[] = []
  const production = env.APP_ENV === 'production'

  for (const name of [
    'JWT_SECRET_KEY',
    'REFRESH_TOKEN_SECRET_KEY',
    'PLUGIN_API_ADMIN_KEY',
    'PLUGIN_API_ENCRYPTION_KEY',
  ]) {
    const value = env[name]
    if (!production || !value) continue
    if (EXAMPLE_SECRET.test(value)) {
      problems.push(`${name}: is an example value; generate a secret of your own`)
    } else if (value.length >= MIN_SECRET_LENGTH && new Set(value).size < MIN_DISTINCT_CHARACTERS) {
      problems.push(`${name}: repeats a few characters; generate a random secret`)
    }
  }
  if (env.PLUGIN_API_BASE_URL) {
    if (!env.PLUGIN_API_ADMIN_KEY)
      problems.push('PLUGIN_API_ADMIN_KEY: is missing (PLUGIN_API_BASE_URL is set)')
    if (!env.PLUGIN_API_ENCRYPTION_KEY)
      problems.push('PLUGIN_API_ENCRYPTION_KEY: is missing (PLUGIN_API_BASE_URL is set)')
  }
  if (env.PLUGIN_API_ENCRYPTION_KEY && !decodeKeys(env.PLUGIN_API_ENCRYPTION_KEY)) {
    problems.push(
      'PLUGIN_API_ENCRYPTION_KEY: must be one or more base64 keys of 32 bytes, separated by commas',
    )
  }
  problems.push(...mailProblems(env, production))
  const origins =
    env.CORS_ORIGINS?.split(',')
      .map((item) => item.trim())
      .filter(Boolean) ?? []
  for (const entry of origins) {
    if (entry === '*')
      problems.push('CORS_ORIGINS: "*" is not allowed, because requests carry credentials')
    else if (URL.parse(entry)?.origin !== entry)
      problems.push('CORS_ORIGINS: every entry must be an origin such as https://app.example.com')
  }
  if (production) {
    if (!env.PUBLIC_URL) problems.push('PUBLIC_URL: is missing')
    else if (!env.PUBLIC_URL.startsWith('https://'))
      problems.push('PUBLIC_URL: must be https in production')
    if (env.FRONTEND_URL?.startsWith('http://'))
      problems.push('FRONTEND_URL: must be https in production')
    if (env.NEON_FETCH_ENDPOINT) problems.push('NEON_FETCH_ENDPOINT: is for local development only')
  }
  return problems
}

/** Mails carry links and one-time tokens: without an address to link to or a key to seal with, none can be sent. */
function mailProblems(env: Record<string, string>, production: boolean): string[] {
  const problems: string[] = []
  const transport = env.SMTP_HOST ? 'SMTP_HOST' : env.MAIL_API_URL ? 'MAIL_API_URL' : undefined
  if (!transport) {
    if (env.REQUIRE_VERIFIED_EMAIL === 'true' || env.REQUIRE_VERIFIED_EMAIL === '1')
      problems.push('SMTP_HOST: is missing (REQUIRE_VERIFIED_EMAIL is set; MAIL_API_URL would do)')
    return problems
  }
  if (env.SMTP_HOST && env.MAIL_API_URL)
    problems.push('MAIL_API_URL: must not be set together with SMTP_HOST')
  for (const name of ['MAIL_FROM', 'PUBLIC_URL', 'PLUGIN_API_ENCRYPTION_KEY'])
    if (!env[name]) problems.push(`${name}: is missing (${transport} is set)`)
  if (env.SMTP_HOST && env.SMTP_PORT === '25')
    problems.push('SMTP_PORT: Workers cannot connect to port 25; use 587 or 465')
  if (production && env.SMTP_HOST && env.SMTP_SECURITY === 'none')
    problems.push('SMTP_SECURITY: must not be "none" in production')
  if (production && env.MAIL_API_URL?.startsWith('http:'))
    problems.push('MAIL_API_URL: must be https in production')
  return problems
}

function derive(settings: Settings, loginProviders: LoginProviderSettings[]): Config {
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
    encryptionKeys: [
      ...(decodeKeys(settings.PLUGIN_API_ENCRYPTION_KEY ?? '') ?? []),
      // Without a plug-in API there are secrets to seal, too; what it sealed stays readable later.
      sha256(utf8ToBytes(`shared-accounts secret box ${settings.JWT_SECRET_KEY}`)),
    ],
    rateLimits: {
      person: settings.RATE_LIMIT,
      guest: settings.GUEST_RATE_LIMIT,
      login: settings.LOGIN_RATE_LIMIT,
      refresh: settings.REFRESH_RATE_LIMIT,
      register: settings.REGISTER_RATE_LIMIT,
      reset: settings.RESET_RATE_LIMIT,
      check_username: settings.CHECK_USERNAME_RATE_LIMIT,
    },
    loginProviders,
    isProduction,
  }
}

/** Base64 or base64url keys of 32 bytes (the form of a Fernet key), separated by commas. */
function decodeKeys(text: string): Uint8Array<ArrayBuffer>[] | undefined {
  const keys = text.split(',').map((item) => decodeBase64(item.trim()))
  return keys.every((key) => key?.length === 32) ? (keys as Uint8Array<ArrayBuffer>[]) : undefined
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    )
  } catch {
    return undefined
  }
}

let cached: { bindings: unknown; config: Config } | undefined

/** `parseConfig`, once per isolate. */
export function configOf(bindings: Record<string, unknown>): Config {
  if (cached?.bindings !== bindings) cached = { bindings, config: parseConfig(bindings) }
  return cached.config
}
