/** What an API key may be narrowed to when it is made. A key without scopes may all that `user` may. */
export const SCOPES = [
  'chat',
  'read:models',
  'read:users',
  'write:users',
  'read:usage',
  'read:quotas',
  'read:audit',
  'write:models',
] as const
export type Scope = (typeof SCOPES)[number]

/** What an application may ask for on top of these: OpenID Connect Core §5.4, §11, and a person's own data. */
const APPLICATION_SCOPES = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'read:profile',
  ...SCOPES,
] as const
export type ApplicationScope = (typeof APPLICATION_SCOPES)[number]
export const OAUTH_SCOPES: readonly ApplicationScope[] = APPLICATION_SCOPES

/** What every application may ask for, also one that nobody has looked at: nothing that concerns others. */
export const HARMLESS_SCOPES: readonly ApplicationScope[] = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'read:profile',
  'chat',
  'read:models',
  'read:usage',
  'read:quotas',
]

export function isApplicationScope(text: string): text is ApplicationScope {
  return (OAUTH_SCOPES as readonly string[]).includes(text)
}
