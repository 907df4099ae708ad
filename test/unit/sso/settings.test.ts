import { describe, expect, it } from 'vitest'
import { ConfigError, isSettingName, parseConfig } from '../../../src/config.ts'

const KEY = 'q'.repeat(42)
const BASE = {
  DATABASE_URL: 'postgres://u:p@db.example/d',
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: 't',
  JWT_SECRET_KEY: '0123456789abcdefghijklmnopqrstuvwxyz',
  PLUGIN_API_ENCRYPTION_KEY: `${KEY}w=`,
}

function problemsOf(settings: Record<string, string>): string[] {
  try {
    parseConfig({ ...BASE, ...settings })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the settings of sign-in providers', () => {
  it('may all be absent', () => {
    expect(parseConfig(BASE).loginProviders).toEqual([])
    const { PLUGIN_API_ENCRYPTION_KEY: _, ...without } = BASE
    expect(parseConfig(without).loginProviders).toEqual([])
  })

  it('configure the four named providers under the names of existing deployments', () => {
    const { loginProviders } = parseConfig({
      ...BASE,
      OAUTH_CLIENT_ID: 'a',
      OAUTH_CLIENT_SECRET: 'b',
      OAUTH_REDIRECT_URI: 'http://localhost:8008/api/auth/sso/callback',
      OAUTH_AUTHORIZATION_ENDPOINT: 'https://connect.linux.do/oauth2/authorize',
      GITHUB_CLIENT_ID: 'c',
      GITHUB_CLIENT_SECRET: 'd',
      GITHUB_SCOPES: 'read:user, user:email',
      GOOGLE_CLIENT_ID: 'e',
      GOOGLE_CLIENT_SECRET: 'f',
      FACEBOOK_CLIENT_ID: 'g',
      FACEBOOK_CLIENT_SECRET: 'h',
      FACEBOOK_PKCE: 'true',
    })
    expect(
      loginProviders.map(({ id, clientId, clientSecret }) => [id, clientId, clientSecret]),
    ).toEqual([
      ['linuxdo', 'a', 'b'],
      ['github', 'c', 'd'],
      ['google', 'e', 'f'],
      ['facebook', 'g', 'h'],
    ])
    expect(loginProviders[0]).toMatchObject({
      redirectUri: 'http://localhost:8008/api/auth/sso/callback',
      endpoints: { authorization: 'https://connect.linux.do/oauth2/authorize' },
    })
    expect(loginProviders[1]?.scopes).toEqual(['read:user', 'user:email'])
    expect(loginProviders[3]?.pkce).toBe(true)
  })

  it('name everything that is missing or wrong, at once', () => {
    expect(
      problemsOf({
        PLUGIN_API_ENCRYPTION_KEY: '',
        OAUTH_CLIENT_ID: 'a',
        GITHUB_CLIENT_SECRET: 'd',
        GOOGLE_CLIENT_ID: 'e',
        GOOGLE_CLIENT_SECRET: 'f',
        GOOGLE_ISSUER: 'accounts.google.com',
        OIDC_PROVIDERS: 'keycloak,pocket-id,public',
        OIDC_POCKET_ID_ISSUER: 'https://id.example',
        OIDC_PUBLIC_ISSUER: 'https://id.example',
        OIDC_PUBLIC_CLIENT_ID: 'p',
        OIDC_PUBLIC_CLIENT_AUTH: 'none',
        OIDC_PUBLIC_PKCE: 'maybe',
      }),
    ).toEqual([
      'GITHUB_CLIENT_ID: is missing',
      'GOOGLE_ISSUER: must be an http(s) URL',
      'OAUTH_CLIENT_SECRET: is missing',
      'OIDC_KEYCLOAK_CLIENT_ID: is missing',
      'OIDC_KEYCLOAK_CLIENT_SECRET: is missing',
      'OIDC_KEYCLOAK_ISSUER: is missing',
      'OIDC_POCKET_ID_CLIENT_ID: is missing',
      'OIDC_POCKET_ID_CLIENT_SECRET: is missing',
      'OIDC_PUBLIC_PKCE: must be true or false',
    ])
  })

  it.each([
    'github',
    'authorize',
    'token',
    'linuxdo',
    'UPPER',
    'a_b',
    '1st',
    'a/b',
    'x'.repeat(40),
  ])('refuse the id %j', (id) => {
    expect(problemsOf({ OIDC_PROVIDERS: id }).join()).toMatch(/^OIDC_PROVIDERS: every id must/)
  })

  it('refuse an id that is listed twice', () => {
    expect(problemsOf({ OIDC_PROVIDERS: 'a,a' })).toContain(
      'OIDC_PROVIDERS: names a provider more than once',
    )
  })

  it('demand TLS and secrets of one’s own in production', () => {
    expect(
      problemsOf({
        APP_ENV: 'production',
        PUBLIC_URL: 'https://x.example',
        FRONTEND_URL: 'http://app.example',
        GITHUB_CLIENT_ID: 'your-github-client-id',
        GITHUB_CLIENT_SECRET: 'b',
        GITHUB_TOKEN_ENDPOINT: 'http://ghe.example/token',
        OIDC_PROVIDERS: 'kc',
        OIDC_KC_ISSUER: 'http://kc.example',
        OIDC_KC_CLIENT_ID: 'a',
        OIDC_KC_CLIENT_SECRET: 'b',
      }).filter((problem) => /^(FRONTEND|GITHUB|OIDC)/.test(problem)),
    ).toEqual([
      'FRONTEND_URL: must be https in production',
      'GITHUB_CLIENT_ID: is an example value',
      'GITHUB_TOKEN_ENDPOINT: must be https in production',
      'OIDC_KC_ISSUER: must be https in production',
    ])
  })

  it('let the front end call from its own origin', () => {
    const { CORS_ORIGINS } = parseConfig({
      ...BASE,
      FRONTEND_URL: 'https://app.example/start/',
      CORS_ORIGINS: 'https://other.example',
    })
    expect(CORS_ORIGINS).toEqual(['https://other.example', 'https://app.example'])
  })

  it('are passed on to the local stack, also those whose names the list makes', () => {
    for (const name of [
      'OIDC_PROVIDERS',
      'OIDC_POCKET_ID_CLIENT_SECRET',
      'OAUTH_CLIENT_ID',
      'GITHUB_EMAILS_ENDPOINT',
      'FRONTEND_URL',
      'JWT_SECRET_KEY',
    ])
      expect(isSettingName(name)).toBe(true)
    for (const name of ['PATH', 'OIDC_X', 'XOIDC_A_CLIENT_ID', 'GITHUB_TOKEN'])
      expect(isSettingName(name)).toBe(false)
  })
})
