import * as z from 'zod'
import { Email, PictureUrl, type Profile, Subject, Text, TrustLevel, Verified } from '../profile.ts'
import type { ProviderKind } from './provider.ts'

/** The standard claims (OpenID Connect Core §5.1). */
const Claims = z.object({
  sub: Subject,
  preferred_username: Text,
  nickname: Text,
  name: Text,
  email: Email,
  email_verified: Verified,
  picture: PictureUrl,
})

/** Any OpenID Connect provider, by its issuer alone. */
export const oidc: ProviderKind = {
  type: 'oidc',
  name: 'OpenID Connect',
  description: 'Sign in with an OpenID Connect account.',
  scopes: ['openid', 'profile', 'email'],
  clientAuth: 'basic',
  pkce: true,
  endpoints: {},
  toProfile: (claims) => fromClaims(claims),
}

/** Google's OpenID Connect; its refresh tokens are asked for in a way of its own. */
export const google: ProviderKind = {
  ...oidc,
  name: 'Google',
  description: 'Sign in with your Google account.',
  issuer: 'https://accounts.google.com',
  authorizationParams: { access_type: 'offline' },
}

/** A provider whose claims also carry a trust level, because its operator says so. */
export function withTrustLevel(kind: ProviderKind, claim: string): ProviderKind {
  return {
    ...kind,
    toProfile: (claims) => ({ ...fromClaims(claims), trustLevel: TrustLevel.parse(claims[claim]) }),
  }
}

function fromClaims(input: Record<string, unknown>): Profile {
  const claims = Claims.parse(input)
  return {
    subject: claims.sub,
    username: claims.preferred_username ?? claims.nickname ?? claims.name,
    email: claims.email,
    isEmailVerified: claims.email !== null && claims.email_verified,
    avatarUrl: claims.picture,
    trustLevel: null,
    isActive: null,
    isSilenced: null,
  }
}
