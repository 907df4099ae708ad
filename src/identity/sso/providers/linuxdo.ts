import * as z from 'zod'
import { Email, Flag, PictureUrl, Subject, Text, TrustLevel } from '../profile.ts'
import type { ProviderKind } from './provider.ts'

const UserInfo = z.object({
  id: Subject,
  username: Text,
  name: Text,
  email: Email,
  avatar_url: PictureUrl,
  avatar: PictureUrl,
  trust_level: TrustLevel,
  active: Flag,
  silenced: Flag,
})

/** Linux.do's forum accounts, with their trust level and status. */
export const linuxdo: ProviderKind = {
  type: 'oauth2',
  name: 'Linux.do',
  description: 'Sign in with your Linux.do account.',
  scopes: [],
  clientAuth: 'basic',
  // Not documented there; OAUTH_PKCE=true turns it on.
  pkce: false,
  endpoints: {
    authorization: 'https://connect.linux.do/oauth2/authorize',
    token: 'https://connect.linux.do/oauth2/token',
    userInfo: 'https://connect.linux.do/api/user',
  },
  toProfile(userInfo) {
    const user = UserInfo.parse(userInfo)
    return {
      subject: user.id,
      username: user.username ?? user.name,
      email: user.email,
      isEmailVerified: false,
      avatarUrl: user.avatar_url ?? user.avatar,
      trustLevel: user.trust_level,
      isActive: user.active,
      isSilenced: user.silenced,
    }
  },
}
