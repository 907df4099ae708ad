import * as z from 'zod'

/**
 * The settings of the sign-in providers. The four named ones have a prefix each; further OpenID
 * Connect providers are listed in `OIDC_PROVIDERS` and have `OIDC_<ID>_…`, so that their names are
 * known only when the list has been read.
 */

/** Prefix of each named provider's settings, as existing deployments have them. */
const NAMED = {
  linuxdo: 'OAUTH',
  github: 'GITHUB',
  google: 'GOOGLE',
  facebook: 'FACEBOOK',
} as const

export type ProviderKindName = keyof typeof NAMED | 'oidc'

/** Ids that mean something else already, in `/oauth/{provider}/…` or as another provider. */
const RESERVED = new Set([
  ...Object.keys(NAMED),
  ...['linux-do', 'oidc', 'authorize', 'token', 'revoke', 'introspect', 'userinfo', 'register'],
  ...['clients', 'consents', 'device', 'jwks', 'logout', 'par'],
])

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1')

/** What one provider can have; each name follows the provider's prefix. */
const fields = z.object({
  CLIENT_ID: z.string().min(1),
  CLIENT_SECRET: z.string().min(1).optional(),
  NAME: z.string().max(60).optional(),
  SCOPES: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .optional(),
  REDIRECT_URI: httpUrl.optional(),
  ISSUER: httpUrl.optional(),
  AUTHORIZATION_ENDPOINT: httpUrl.optional(),
  TOKEN_ENDPOINT: httpUrl.optional(),
  USER_INFO_ENDPOINT: httpUrl.optional(),
  EMAILS_ENDPOINT: httpUrl.optional(),
  JWKS_ENDPOINT: httpUrl.optional(),
  REVOCATION_ENDPOINT: httpUrl.optional(),
  TOKEN_CHECK_ENDPOINT: httpUrl.optional(),
  CLIENT_AUTH: z.enum(['basic', 'post', 'none']).optional(),
  PKCE: flag.optional(),
  TRUST_LEVEL_CLAIM: z.string().optional(),
})

const FIELD_NAMES = Object.keys(fields.shape)

/** How a client proves to a token endpoint who it is (RFC 6749 §2.3.1; `none` is a public client). */
export type ClientAuth = 'basic' | 'post' | 'none'

export interface ProviderEndpoints {
  authorization?: string | undefined
  token?: string | undefined
  userInfo?: string | undefined
  /** Where GitHub lists the addresses of a person. */
  emails?: string | undefined
  jwks?: string | undefined
  revocation?: string | undefined
  /** Where a provider says for whom an access token was made. */
  tokenCheck?: string | undefined
}

/** One configured provider; what is undefined keeps the default of its kind. */
export interface LoginProviderSettings {
  id: string
  kind: ProviderKindName
  clientId: string
  clientSecret: string | null
  name: string | undefined
  scopes: string[] | undefined
  redirectUri: string | undefined
  issuer: string | undefined
  endpoints: ProviderEndpoints
  clientAuth: ClientAuth | undefined
  pkce: boolean | undefined
  trustLevelClaim: string | undefined
}

/** The names that are known beforehand. */
export const LOGIN_PROVIDER_SETTING_NAMES: readonly string[] = [
  'OIDC_PROVIDERS',
  ...Object.values(NAMED).flatMap((prefix) => FIELD_NAMES.map((field) => `${prefix}_${field}`)),
]

/** Whether this may be a setting of a provider that `OIDC_PROVIDERS` lists. */
export function isOidcSettingName(name: string): boolean {
  return FIELD_NAMES.some((field) => name.startsWith('OIDC_') && name.endsWith(`_${field}`))
}

/**
 * Reads all configured providers. A named provider is configured as soon as its client id or secret
 * is set.
 *
 * @param env the settings that are set, never empty
 * @returns the providers, and every problem by the name of its setting
 */
export function parseLoginProviders(env: Record<string, string>): {
  providers: LoginProviderSettings[]
  problems: string[]
} {
  const problems: string[] = []
  const providers: LoginProviderSettings[] = []
  const read = (id: string, kind: ProviderKindName, prefix: string) => {
    const provider = parseProvider(env, id, kind, prefix, problems)
    if (provider) providers.push(provider)
  }

  for (const [kind, prefix] of Object.entries(NAMED)) {
    if (env[`${prefix}_CLIENT_ID`] || env[`${prefix}_CLIENT_SECRET`])
      read(kind, kind as ProviderKindName, prefix)
  }
  for (const id of oidcIds(env, problems)) {
    read(id, 'oidc', `OIDC_${id.toUpperCase().replaceAll('-', '_')}`)
  }
  return { providers, problems }
}

function oidcIds(env: Record<string, string>, problems: string[]): string[] {
  const ids = (env.OIDC_PROVIDERS ?? '').split(',').map((id) => id.trim())
  const wanted = ids.filter(Boolean)
  if (new Set(wanted).size < wanted.length)
    problems.push('OIDC_PROVIDERS: names a provider more than once')
  return [...new Set(wanted)].filter((id) => {
    const isUsable = /^[a-z][a-z0-9-]{0,30}$/.test(id) && !RESERVED.has(id)
    if (!isUsable) {
      problems.push(
        'OIDC_PROVIDERS: every id must be of lower-case letters, digits and "-", and no name of another provider or path',
      )
    }
    return isUsable
  })
}

function parseProvider(
  env: Record<string, string>,
  id: string,
  kind: ProviderKindName,
  prefix: string,
  problems: string[],
): LoginProviderSettings | undefined {
  const own = Object.fromEntries(
    FIELD_NAMES.map((field) => [field, env[`${prefix}_${field}`]]).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string>
  const parsed = fields.safeParse(own)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = String(path[0])
    problems.push(`${prefix}_${field}: ${field in own ? message : 'is missing'}`)
  }
  if (!own.CLIENT_SECRET && own.CLIENT_AUTH !== 'none')
    problems.push(`${prefix}_CLIENT_SECRET: is missing`)
  if (kind === 'oidc' && !own.ISSUER) problems.push(`${prefix}_ISSUER: is missing`)
  if (env.APP_ENV === 'production') {
    for (const [field, value] of Object.entries(own)) {
      if (/_(ENDPOINT|URI)$|^ISSUER$/.test(field) && value.startsWith('http://'))
        problems.push(`${prefix}_${field}: must be https in production`)
      if (/^CLIENT_(ID|SECRET)$/.test(field) && /^your[-_]/i.test(value))
        problems.push(`${prefix}_${field}: is an example value`)
    }
  }
  if (!parsed.success) return undefined
  const { data } = parsed
  return {
    id,
    kind,
    clientId: data.CLIENT_ID,
    clientSecret: data.CLIENT_SECRET ?? null,
    name: data.NAME,
    scopes: data.SCOPES,
    redirectUri: data.REDIRECT_URI,
    issuer: data.ISSUER,
    endpoints: {
      authorization: data.AUTHORIZATION_ENDPOINT,
      token: data.TOKEN_ENDPOINT,
      userInfo: data.USER_INFO_ENDPOINT,
      emails: data.EMAILS_ENDPOINT,
      jwks: data.JWKS_ENDPOINT,
      revocation: data.REVOCATION_ENDPOINT,
      tokenCheck: data.TOKEN_CHECK_ENDPOINT,
    },
    clientAuth: data.CLIENT_AUTH,
    pkce: data.PKCE,
    trustLevelClaim: data.TRUST_LEVEL_CLAIM,
  }
}
