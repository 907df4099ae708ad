import * as z from 'zod'
import { LOG_LEVELS } from './platform/logger.ts'

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
  API_DOCS: flag().optional(),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  NEON_FETCH_ENDPOINT: httpUrl.optional(),
  UPSTASH_REDIS_REST_URL: httpUrl,
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),

  JWT_SECRET_KEY: secret,
  REFRESH_TOKEN_SECRET_KEY: secret.optional(),
  JWT_ALGORITHM: z.literal('HS256').default('HS256'),
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
  ALLOW_REGISTRATION: flag().default(true),
  PRINCIPAL_CACHE_SECONDS: z.coerce.number().min(0).max(60).default(5),

  PLUGIN_API_BASE_URL: origin.optional(),
  PLUGIN_API_ADMIN_KEY: z.string().min(8).optional(),
  PLUGIN_API_ENCRYPTION_KEY: z.string().optional(),

  UPSTREAM_FIRST_BYTE_SECONDS: seconds(120, 1_200),
  UPSTREAM_IDLE_SECONDS: seconds(120, 1_200),
})

/** The names of everything that can be set. */
export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape)

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
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.sort())
  return derive(parsed.data)
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
    if (env.NEON_FETCH_ENDPOINT) problems.push('NEON_FETCH_ENDPOINT: is for local development only')
  }
  return problems
}

function derive(settings: Settings): Config {
  const isProduction = settings.APP_ENV === 'production'
  return {
    ...settings,
    PUBLIC_URL: settings.PUBLIC_URL,
    API_DOCS: settings.API_DOCS ?? !isProduction,
    issuer: settings.JWT_ISSUER ?? settings.PUBLIC_URL ?? 'shared-accounts',
    accessTokenTtlSeconds: Math.round(
      settings.ACCESS_TOKEN_EXPIRE_MINUTES
        ? settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60
        : settings.JWT_EXPIRE_HOURS * 3600,
    ),
    refreshTokenTtlSeconds: Math.round(settings.REFRESH_TOKEN_EXPIRE_DAYS * 86_400),
    sessionMaxSeconds: Math.round(settings.SESSION_MAX_DAYS * 86_400),
    encryptionKeys: decodeKeys(settings.PLUGIN_API_ENCRYPTION_KEY ?? '') ?? [],
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
