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
