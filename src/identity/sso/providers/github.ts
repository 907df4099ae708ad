import * as z from 'zod'
import { Email, PictureUrl, Subject, Text, Verified } from '../profile.ts'
import { basicAuth, type ProviderKind, type TokenRequest } from './provider.ts'

const UserInfo = z.object({ id: Subject, login: Text, avatar_url: PictureUrl })
/** https://docs.github.com/rest/users/emails: the profile's own address may be anything. */
const Emails = z
  .array(z.object({ email: Email, primary: z.boolean().catch(false), verified: Verified }))
  .catch([])
const CheckedToken = z.object({ app: z.object({ client_id: z.string() }) })

/** GitHub and GitHub Enterprise; for the latter all endpoints are set. */
export const github: ProviderKind = {
  type: 'oauth2',
  name: 'GitHub',
  description: 'Sign in with your GitHub account.',
  scopes: ['read:user', 'user:email'],
  clientAuth: 'post',
  pkce: true,
  endpoints: {
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    userInfo: 'https://api.github.com/user',
    emails: 'https://api.github.com/user/emails',
    revocation: 'https://api.github.com/applications/{client_id}/grant',
    tokenCheck: 'https://api.github.com/applications/{client_id}/token',
  },
  toProfile(userInfo, emails) {
    const user = UserInfo.parse(userInfo)
    const address = Emails.parse(emails).find((entry) => entry.primary && entry.email)
    return {
      subject: user.id,
      username: user.login,
      email: address?.email ?? null,
      isEmailVerified: address?.verified ?? false,
      avatarUrl: user.avatar_url,
      trustLevel: null,
      isActive: null,
      isSilenced: null,
    }
  },
  revocation: (request) => appRequest('DELETE', request),
  tokenCheck: {
    request: (request) => appRequest('POST', request),
    isOurs: (answer, clientId) => CheckedToken.safeParse(answer).data?.app.client_id === clientId,
  },
}

/** https://docs.github.com/rest/apps/oauth-applications */
function appRequest(
  method: string,
  { endpoint, clientId, clientSecret, accessToken }: TokenRequest,
) {
  return new Request(endpoint.replace('{client_id}', encodeURIComponent(clientId)), {
    method,
    headers: {
      authorization: basicAuth(clientId, clientSecret),
      'content-type': 'application/json',
    },
    body: JSON.stringify({ access_token: accessToken }),
  })
}
