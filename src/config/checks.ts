import {
  DEFAULT_COST,
  isAffordable,
  isRecommended,
} from '../platform/crypto/password-formats/argon2id.ts'
import { USUAL_PASSWORD_LENGTH } from '../platform/password-rules.ts'
import { decodeKeys } from './keys.ts'
import { MIN_SECRET_LENGTH } from './schema.ts'

/** A random secret of 32 characters has far more; `aaaa…` does not. */
const MIN_DISTINCT_CHARACTERS = 8

/** Values from examples and documents that must never protect a real deployment. */
const EXAMPLE_SECRET =
  /^(your[-_]|change[-_]?me|secret|password|example|test[-_]|dev[-_]|sk-admin-your)|change-this/i

/** What is wrong with the settings taken together; messages never contain a value. */
export function crossChecks(env: Record<string, string>): string[] {
  const problems: string[] = []
  const production = env.APP_ENV === 'production'

  for (const name of [
    'JWT_SECRET_KEY',
    'REFRESH_TOKEN_SECRET_KEY',
    'PLUGIN_API_ADMIN_KEY',
    'PLUGIN_API_ENCRYPTION_KEY',
    'UPSTREAM_API_KEY',
    'QUOTA_WEBHOOK_SECRET',
  ]) {
    const value = env[name]
    if (!production || !value) continue
    if (EXAMPLE_SECRET.test(value)) {
      problems.push(`${name}: is an example value; generate a secret of your own`)
    } else if (value.length >= MIN_SECRET_LENGTH && new Set(value).size < MIN_DISTINCT_CHARACTERS) {
      problems.push(`${name}: repeats a few characters; generate a random secret`)
    }
  }
  // A plain OpenAI-compatible server knows no accounts, hence no administrator and no keys to keep.
  if (env.PLUGIN_API_BASE_URL && env.PLUGIN_API_DIALECT !== 'openai') {
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
  if (env.OAUTH_REGISTRATION === 'token' && !env.OAUTH_REGISTRATION_TOKEN)
    problems.push('OAUTH_REGISTRATION_TOKEN: is missing (OAUTH_REGISTRATION is token)')
  problems.push(...costProblems(env, production))
  problems.push(...mailProblems(env, production))
  problems.push(...passwordProblems(env))
  problems.push(...webhookProblems(env, production))
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

/** A stolen hash is worth as much as it is cheap to guess; one that is too dear nobody could sign in with. */
function costProblems(env: Record<string, string>, production: boolean): string[] {
  const cost = {
    memoryKib: Number(env.ARGON2_MEMORY_KIB ?? DEFAULT_COST.memoryKib),
    passes: Number(env.ARGON2_PASSES ?? DEFAULT_COST.passes),
  }
  if (production && !isRecommended(cost)) {
    return [
      'ARGON2_MEMORY_KIB: must be at least 7168 in production, and at least 35840 when multiplied by ARGON2_PASSES',
    ]
  }
  if (isAffordable(cost)) return []
  return ['ARGON2_PASSES: costs more than a request may take; lower it, or ARGON2_MEMORY_KIB']
}

/** What examples and tests are made easier by protects nobody. */
function passwordProblems(env: Record<string, string>): string[] {
  const problems: string[] = []
  if (env.PASSWORD_POLICY === 'off' && (env.APP_ENV ?? 'development') !== 'development')
    problems.push('PASSWORD_POLICY: must not be "off" but in development')
  if (env.APP_ENV === 'production' && Number(env.PASSWORD_MIN_LENGTH) < USUAL_PASSWORD_LENGTH)
    problems.push(`PASSWORD_MIN_LENGTH: must be at least ${USUAL_PASSWORD_LENGTH} in production`)
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

/** Whoever receives it has to be able to tell that it comes from here. */
function webhookProblems(env: Record<string, string>, production: boolean): string[] {
  const { QUOTA_WEBHOOK_URL: url, QUOTA_WEBHOOK_SECRET: key } = env
  const problems: string[] = []
  if (url && !key) problems.push('QUOTA_WEBHOOK_SECRET: is missing (QUOTA_WEBHOOK_URL is set)')
  if (key && !url) problems.push('QUOTA_WEBHOOK_URL: is missing (QUOTA_WEBHOOK_SECRET is set)')
  if (production && url?.startsWith('http:'))
    problems.push('QUOTA_WEBHOOK_URL: must be https in production')
  return problems
}
