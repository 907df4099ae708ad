import { exchangeCode } from './authorization-code.ts'
import { exchangeClientCredentials } from './client-credentials.ts'
import { exchangeDeviceCode } from './device-code.ts'
import type { GrantHandler } from './grant.ts'
import { exchangeRefreshToken } from './refresh-token.ts'

/** Every way to get a token, by its `grant_type`. */
export const GRANTS = {
  authorization_code: exchangeCode,
  refresh_token: exchangeRefreshToken,
  client_credentials: exchangeClientCredentials,
  'urn:ietf:params:oauth:grant-type:device_code': exchangeDeviceCode,
} as const satisfies Record<string, GrantHandler>

export const GRANT_TYPES = Object.keys(GRANTS) as GrantType[]
export type GrantType = keyof typeof GRANTS

export function grantOf(type: string): GrantHandler | null {
  return Object.hasOwn(GRANTS, type) ? GRANTS[type as GrantType] : null
}
