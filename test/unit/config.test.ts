import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '../../src/config.ts'

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('base64')

const enough = {
  DATABASE_URL: 'postgres://u:p@ep.example.com/db',
  UPSTASH_REDIS_REST_URL: 'https://redis.example.com',
  UPSTASH_REDIS_REST_TOKEN: 'token',
  JWT_SECRET_KEY: KEY,
}

const production = {
  ...enough,
  APP_ENV: 'production',
  PUBLIC_URL: 'https://accounts.example.com',
}

function problemsOf(bindings: Record<string, unknown>): string[] {
  try {
    parseConfig(bindings)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems
  }
}

describe('parseConfig', () => {
  it('needs little, and knows the rest', () => {
    expect(parseConfig(enough)).toMatchObject({
      APP_ENV: 'development',
      accessTokenTtlSeconds: 86_400,
      refreshTokenTtlSeconds: 604_800,
      API_DOCS: true,
      PRINCIPAL_CACHE_SECONDS: 5,
    })
  })

  it('reports everything that is missing at once, by name', () => {
    expect(problemsOf({})).toEqual([
      'DATABASE_URL: is missing',
      'JWT_SECRET_KEY: is missing',
      'UPSTASH_REDIS_REST_TOKEN: is missing',
      'UPSTASH_REDIS_REST_URL: is missing',
    ])
  })

  it('takes a rate for each trust level, or one for all', () => {
    const one = { limit: 600, windowSeconds: 60 }
    expect(parseConfig({ ...enough, RATE_LIMIT: '600/1m' }).personRateLimits).toEqual([one])
    const RATE_LIMIT_BY_TRUST_LEVEL = '600/1m, 2000/2h'
    expect(parseConfig({ ...enough, RATE_LIMIT_BY_TRUST_LEVEL }).personRateLimits).toEqual([
      one,
      { limit: 2_000, windowSeconds: 7_200 },
    ])
    for (const wrong of ['600', '600/1m,', '0/1m', '600/1m;3000/1m', '600/1m,-1/1m'])
      expect(problemsOf({ ...enough, RATE_LIMIT_BY_TRUST_LEVEL: wrong })).toEqual([
        expect.stringMatching(/^RATE_LIMIT_BY_TRUST_LEVEL: must be up to ten rates/),
      ])
  })

  it('takes a database as SQLAlchemy writes it', () => {
    const DATABASE_URL = 'postgresql+asyncpg://u:p@ep.example.com/db'
    expect(parseConfig({ ...enough, DATABASE_URL }).DATABASE_URL).toBe(
      'postgresql://u:p@ep.example.com/db',
    )
    for (const wrong of ['mysql+asyncmy://u:p@h/d', 'asyncpg'])
      expect(problemsOf({ ...enough, DATABASE_URL: wrong })).toHaveLength(1)
  })

  it('asks less of passwords where that hurts nobody', () => {
    const rulesOf = (settings: object) => parseConfig({ ...enough, ...settings }).passwordRules
    expect(rulesOf({})).toEqual({ minLength: 8, isLengthAlone: false })
    expect(rulesOf({ PASSWORD_POLICY: 'off' })).toEqual({ minLength: 6, isLengthAlone: true })
    expect(rulesOf({ PASSWORD_MIN_LENGTH: '12' })).toEqual({ minLength: 12, isLengthAlone: false })
    for (const APP_ENV of ['staging', 'production'])
      expect(problemsOf({ ...production, APP_ENV, PASSWORD_POLICY: 'off' })).toEqual([
        'PASSWORD_POLICY: must not be "off" but in development',
      ])
    expect(problemsOf({ ...production, PASSWORD_MIN_LENGTH: '6' })).toEqual([
      'PASSWORD_MIN_LENGTH: must be at least 8 in production',
    ])
    expect(problemsOf({ ...enough, PASSWORD_MIN_LENGTH: '5' })).toHaveLength(1)
  })

  it('never shows a value', () => {
    const bindings = {
      ...enough,
      JWT_SECRET_KEY: 'hunter2',
      DATABASE_URL: 'mysql://secret@host',
      PLUGIN_API_ENCRYPTION_KEY: 'zzz-secret',
    }
    const text = problemsOf(bindings).join('\n')
    expect(text).toContain('JWT_SECRET_KEY: must have at least 32 characters')
    expect(text).toContain('DATABASE_URL')
    expect(text).not.toMatch(/hunter2|secret@host|zzz-secret/)
  })

  it('lets ACCESS_TOKEN_EXPIRE_MINUTES win over JWT_EXPIRE_HOURS', () => {
    expect(parseConfig({ ...enough, JWT_EXPIRE_HOURS: '2' }).accessTokenTtlSeconds).toBe(7_200)
    expect(
      parseConfig({ ...enough, JWT_EXPIRE_HOURS: '2', ACCESS_TOKEN_EXPIRE_MINUTES: '30' })
        .accessTokenTtlSeconds,
    ).toBe(1_800)
  })

  it('takes encryption keys in the form of a Fernet key, several at once', () => {
    const url = Buffer.alloc(32, 255).toString('base64url')
    const { encryptionKeys } = parseConfig({
      ...enough,
      PLUGIN_API_ENCRYPTION_KEY: `${KEY},${url}`,
    })
    expect(encryptionKeys.slice(0, 2)).toEqual(
      [KEY, url].map((key) => new Uint8Array(Buffer.from(key, 'base64'))),
    )
    // The last one is derived, for what was sealed while no key was configured.
    expect(encryptionKeys).toHaveLength(3)
    expect(problemsOf({ ...enough, PLUGIN_API_ENCRYPTION_KEY: 'c2hvcnQ=' })).toHaveLength(1)
  })

  it('asks for the keys that the plug-in API needs', () => {
    expect(problemsOf({ ...enough, PLUGIN_API_BASE_URL: 'http://localhost:8045' })).toEqual([
      'PLUGIN_API_ADMIN_KEY: is missing (PLUGIN_API_BASE_URL is set)',
      'PLUGIN_API_ENCRYPTION_KEY: is missing (PLUGIN_API_BASE_URL is set)',
    ])
  })

  it.each(['*', 'https://app.example.com/', 'app.example.com', 'https://app.example.com,*'])(
    'refuses %j as CORS_ORIGINS',
    (origins) => {
      expect(problemsOf({ ...enough, CORS_ORIGINS: origins })).toHaveLength(1)
    },
  )

  it('turns the API description off in production unless asked', () => {
    expect(parseConfig(production).API_DOCS).toBe(false)
    expect(parseConfig({ ...production, API_DOCS: 'true' }).API_DOCS).toBe(true)
  })

  it.each([
    [{ JWT_SECRET_KEY: 'your-secret-key-change-this-in-production' }, 'JWT_SECRET_KEY'],
    [{ JWT_SECRET_KEY: 'short' }, 'JWT_SECRET_KEY'],
    [{ JWT_SECRET_KEY: 'a'.repeat(64) }, 'JWT_SECRET_KEY'],
    [{ PUBLIC_URL: 'http://accounts.example.com' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: '' }, 'PUBLIC_URL'],
    [{ NEON_FETCH_ENDPOINT: 'http://127.0.0.1:1/sql' }, 'NEON_FETCH_ENDPOINT'],
    [{ ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '1' }, 'ARGON2_MEMORY_KIB'],
    [{ ARGON2_MEMORY_KIB: '4096', ARGON2_PASSES: '20' }, 'ARGON2_MEMORY_KIB'],
    [{ ARGON2_PASSES: '99' }, 'ARGON2_PASSES'],
  ])('refuses %j in production', (change, name) => {
    const problems = problemsOf({ ...production, ...change })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(name)
  })

  it('takes a webhook with its secret, over https in production', () => {
    const webhook = {
      QUOTA_WEBHOOK_URL: 'https://ops.example.com/hook',
      QUOTA_WEBHOOK_SECRET: `whsec_${KEY}`,
    }
    expect(parseConfig({ ...production, ...webhook })).toMatchObject(webhook)
    for (const [change, name] of [
      [{ QUOTA_WEBHOOK_SECRET: '' }, 'QUOTA_WEBHOOK_SECRET: is missing'],
      [{ QUOTA_WEBHOOK_URL: '' }, 'QUOTA_WEBHOOK_URL: is missing'],
      [{ QUOTA_WEBHOOK_URL: 'http://ops.example.com/' }, 'QUOTA_WEBHOOK_URL: must be https'],
      [{ QUOTA_WEBHOOK_SECRET: KEY }, 'QUOTA_WEBHOOK_SECRET: must be whsec_'],
      [{ QUOTA_WEBHOOK_SECRET: 'whsec_c2hvcnQ=' }, 'QUOTA_WEBHOOK_SECRET: must be whsec_'],
      [{ LOW_BALANCE_PERCENT: '51' }, 'LOW_BALANCE_PERCENT'],
    ] as const) {
      const problems = problemsOf({ ...production, ...webhook, ...change })
      expect(problems).toHaveLength(1)
      expect(problems[0]).toContain(name)
    }
  })
})
