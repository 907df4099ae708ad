import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import * as z from 'zod'
import { Email, PictureUrl, Subject, Text } from '../profile.ts'
import type { ProviderKind } from './provider.ts'

const GRAPH = 'https://graph.facebook.com/v23.0'

const UserInfo = z.object({
  id: Subject,
  name: Text,
  email: Email,
  picture: z
    .object({ data: z.object({ url: PictureUrl }) })
    .nullable()
    .catch(null),
})
const CheckedToken = z.object({
  data: z.object({ app_id: z.coerce.string(), is_valid: z.literal(true) }),
})

/** https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow */
export const facebook: ProviderKind = {
  type: 'oauth2',
  name: 'Facebook',
  description: 'Sign in with your Facebook account.',
  scopes: ['email', 'public_profile'],
  clientAuth: 'post',
  pkce: false,
  endpoints: {
    authorization: 'https://www.facebook.com/v23.0/dialog/oauth',
    token: `${GRAPH}/oauth/access_token`,
    userInfo: `${GRAPH}/me`,
    revocation: `${GRAPH}/me/permissions`,
    tokenCheck: `${GRAPH}/debug_token`,
  },
  userInfoParams: ({ accessToken, clientSecret }) => ({
    fields: 'id,name,email,picture.type(large)',
    // Proves that the call comes from us; apps can be set to require it.
    appsecret_proof: bytesToHex(hmac(sha256, utf8ToBytes(clientSecret), utf8ToBytes(accessToken))),
  }),
  toProfile(userInfo) {
    const user = UserInfo.parse(userInfo)
    return {
      subject: user.id,
      username: user.name,
      email: user.email,
      // Facebook does not say whether it is.
      isEmailVerified: false,
      avatarUrl: user.picture?.data.url ?? null,
      trustLevel: null,
      isActive: null,
      isSilenced: null,
    }
  },
  revocation: ({ endpoint, accessToken }) =>
    new Request(endpoint, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${accessToken}` },
    }),
  tokenCheck: {
    request: ({ endpoint, clientId, clientSecret, accessToken }) => {
      const url = new URL(endpoint)
      url.searchParams.set('input_token', accessToken)
      return new Request(url, { headers: { authorization: `Bearer ${clientId}|${clientSecret}` } })
    },
    isOurs: (answer, clientId) => CheckedToken.safeParse(answer).data?.data.app_id === clientId,
  },
}
