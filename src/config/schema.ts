import * as z from 'zod'
import { withoutDriver } from '../db/connection-string.ts'
import { JWT_ALGORITHMS } from '../db/schema/signing-keys.ts'
import { ROLES } from '../db/schema/users.ts'
import { parseRange } from '../platform/address.ts'
import { DEFAULT_COST, MAX_MEMORY_KIB } from '../platform/crypto/password-formats/argon2id.ts'
import { LOG_LEVELS } from '../platform/logger.ts'
import { LEAST_PASSWORD_LENGTH } from '../platform/password-rules.ts'
import { fromUnits, PER_UNIT } from '../platform/units.ts'

/** The form and the default of every setting, each by itself; what they mean together is in `checks.ts`. */

export const MIN_SECRET_LENGTH = 32

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

interface Rate {
  limit: number
  windowSeconds: number
}

function parseRate(text: string): Rate | null {
  const [, limit, count, unit] = /^(\d{1,9})\/(\d{1,5})?([smhd])$/.exec(text.trim()) ?? []
  const windowSeconds = Number(count ?? 1) * UNITS[(unit ?? 's') as keyof typeof UNITS]
  return Number(limit) > 0 && windowSeconds > 0 ? { limit: Number(limit), windowSeconds } : null
}

/** `20/1m`: so many calls in that time. */
const rate = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, check) => {
      const parsed = parseRate(text)
      if (parsed) return parsed
      check.addIssue('must be a number of calls and a time, such as 20/1m')
      return z.NEVER
    })

/** `600/1m,1200/1m`: by trust level; the last one also counts for the levels above. */
const ratesByLevel = z.string().transform((text, check) => {
  const rates = text.split(',').map(parseRate)
  if (rates.length <= 10 && rates.every((parsed) => parsed !== null)) return rates
  check.addIssue('must be up to ten rates, such as 600/1m,1200/1m,3000/1m')
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

/** `0,0,1,2`: units, by trust level; the last one also counts for the levels above. */
const unitsByLevel = z.string().transform((text, check) => {
  const units = text.split(',').map((item) => Number(item.trim() || Number.NaN))
  if (units.length <= 10 && units.every((unit) => unit >= 0 && unit <= 10_000)) {
    return units.map(fromUnits)
  }
  check.addIssue('must be up to ten numbers of units, such as 0,0,1,2,3')
  return z.NEVER
})

/** As the Standard Webhooks specification has it. */
const webhookSecret = z
  .string()
  .regex(
    /^whsec_(?=.{32,88}$)([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
    'must be whsec_ and 24 to 64 random bytes in base64',
  )

/** Calls that an OpenAI-compatible server may have beside the chat. */
export const NATIVE_CALLS = [
  'responses',
  'messages',
  'embeddings',
  'images',
  'audio',
  'rerank',
] as const

export type NativeCallName = (typeof NATIVE_CALLS)[number]

/** `responses,embeddings`, or `none`. */
const upstreamServes = z.string().transform((text, check) => {
  const names = text.split(',').map((name) => name.trim())
  const known = NATIVE_CALLS.filter((name) => names.includes(name))
  if (text.trim() === 'none' || (known.length > 0 && known.length === new Set(names).size)) {
    return known
  }
  check.addIssue(`must be none, or some of ${NATIVE_CALLS.join(', ')}, separated by commas`)
  return z.NEVER
})

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
const origin = httpUrl.transform((url) => url.replace(/\/+$/, ''))

export const schema = z.object({
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

  DATABASE_URL: z
    .string()
    .transform(withoutDriver)
    .pipe(z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })),
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
  REFRESH_REUSE_LEEWAY_SECONDS: z.coerce.number().min(0).max(300).default(10),
  REFRESH_TOKEN_TRANSPORT: z.enum(['body', 'cookie']).default('body'),
  RESPONSE_FORMAT: z.enum(['bare', 'envelope']).default('bare'),
  MAX_LOGIN_ATTEMPTS: z.coerce.number().int().min(1).max(1_000).default(5),
  MAX_LOGIN_ATTEMPTS_PER_ADDRESS: z.coerce.number().int().min(1).max(100_000).default(20),
  ARGON2_MEMORY_KIB: z.coerce
    .number()
    .int()
    .min(8)
    .max(MAX_MEMORY_KIB)
    .default(DEFAULT_COST.memoryKib),
  ARGON2_PASSES: z.coerce.number().int().min(1).max(100).default(DEFAULT_COST.passes),
  FAILED_LOGIN_SECONDS: z.coerce.number().min(0).max(2.5).default(1.5),
  LOCKOUT_DURATION_MINUTES: z.coerce.number().positive().max(1_440).default(30),
  RATE_LIMIT: rate('3000/1m'),
  RATE_LIMIT_BY_TRUST_LEVEL: ratesByLevel.optional(),
  GUEST_RATE_LIMIT: rate('24/24h'),
  LOGIN_RATE_LIMIT: rate('20/1m'),
  REFRESH_RATE_LIMIT: rate('60/1m'),
  REGISTER_RATE_LIMIT: rate('20/1h'),
  RESET_RATE_LIMIT: rate('10/1h'),
  CHECK_USERNAME_RATE_LIMIT: rate('30/1m'),
  TOGGLE_RATE_LIMIT: rate('30/1m'),
  MAILBOX_RATE_LIMIT: rate('5/1h'),
  IP_ALLOWLIST: ranges,
  IP_DENYLIST: ranges,
  PASSWORD_MIN_LENGTH: z.coerce.number().int().min(LEAST_PASSWORD_LENGTH).max(64).optional(),
  PASSWORD_POLICY: z.enum(['on', 'off'], 'must be on or off').default('on'),
  ALLOW_REGISTRATION: flag().default(true),
  OAUTH_REGISTRATION: z.enum(['off', 'token', 'open'], 'must be off, token or open').default('off'),
  OAUTH_REGISTRATION_TOKEN: secret.optional(),
  OAUTH_CLIENT_DOCUMENTS: flag().default(true),
  ALLOW_USER_CLIENTS: flag().default(false),
  IMPORTED_API_KEYS: flag().default(false),
  PRINCIPAL_CACHE_SECONDS: z.coerce.number().min(0).max(60).default(5),

  PLUGIN_API_BASE_URL: origin.optional(),
  PLUGIN_API_ADMIN_KEY: z.string().min(8).optional(),
  PLUGIN_API_ENCRYPTION_KEY: z.string().optional(),

  PLUGIN_API_DIALECT: z
    .enum(['antigravity', 'openai'], 'must be antigravity or openai')
    .default('antigravity'),
  UPSTREAM_API_KEY: z.string().min(1).optional(),
  UPSTREAM_STREAM_USAGE: z
    .enum(['as_asked', 'always'], 'must be as_asked or always')
    .default('as_asked'),
  UPSTREAM_SERVES: upstreamServes.optional(),
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
  USAGE_RETENTION_DAYS: z.coerce.number().int().min(0).max(3_650).default(90),

  POOL_BASE_BY_TRUST_LEVEL: unitsByLevel.optional(),
  TOKENS_PER_UNIT: z.coerce.number().int().min(1).max(1_000_000_000).default(1_000_000),
  MAX_ANSWER_TOKENS: z.coerce.number().int().min(1).max(10_000_000).default(32_768),
  QUOTA_ESTIMATE: z.coerce
    .number()
    .min(1 / PER_UNIT)
    .max(10)
    .default(0.01)
    .transform(fromUnits),
  LENDER_RESERVE: z.coerce.number().min(0).max(0.9).default(0).transform(fromUnits),
  LOW_BALANCE_PERCENT: z.coerce.number().int().min(0).max(50).default(10),
  QUOTA_WEBHOOK_URL: httpUrl.optional(),
  QUOTA_WEBHOOK_SECRET: webhookSecret.optional(),
  CONCURRENCY_LIMIT: z.coerce.number().int().min(1).max(10_000).default(256),
  GUEST_CONCURRENCY_LIMIT: z.coerce.number().int().min(1).max(10_000).default(4),

  UPSTREAM_FIRST_BYTE_SECONDS: seconds(120, 1_200),
  UPSTREAM_IDLE_SECONDS: seconds(120, 1_200),
  UPSTREAM_MAX_SECONDS: seconds(1_200),
  STREAM_KEEPALIVE_SECONDS: seconds(15, 300),
  CALL_LEASE_SECONDS: seconds(30, 600),
})

export type Settings = z.output<typeof schema>
