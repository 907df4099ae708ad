import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { seal, unseal } from './sealed.ts'

/** An authorization request that was found in order. It travels sealed, since the person may have to sign in first. */
export const AuthorizationRequest = z.object({
  clientId: z.string(),
  redirectUri: z.string(),
  /** As it was asked for: the exchange of the code has to name it again (RFC 6749 §4.1.3). */
  askedRedirectUri: z.string().nullable(),
  responseMode: z.enum(['query', 'fragment']),
  state: z.string().nullable(),
  nonce: z.string().nullable(),
  scopes: z.array(z.string()),
  /** Empty: everything here. */
  resources: z.array(z.string()),
  /** S256 (RFC 7636); null: none was sent. */
  codeChallenge: z.string().nullable(),
  prompt: z.array(z.string()),
  /** Seconds since the person last proved who they are, at most. */
  maxAge: z.number().nullable(),
  loginHint: z.string().nullable(),
  /** Milliseconds since the epoch. */
  askedAt: z.number(),
})
export type AuthorizationRequest = z.output<typeof AuthorizationRequest>

/** As long as a person may take to sign in and to decide. */
const LIFETIME_MS = 3_600_000
const PURPOSE = 'oauth-request'

export function sealRequest(ctx: Ctx, request: AuthorizationRequest): Promise<string> {
  return seal(ctx, request, PURPOSE)
}

/** @throws {AppError} `login_expired` for one that is too old, or that we have not sealed */
export async function openRequest(ctx: Ctx, sealed: string): Promise<AuthorizationRequest> {
  const request = await unseal(ctx, sealed, PURPOSE, AuthorizationRequest)
  if (request && ctx.clock.now() - request.askedAt < LIFETIME_MS) return request
  throw new AppError('login_expired', 'This request is too old. Go back to the application.')
}

/** What a check of a request looks at. */
export interface Asked {
  params: URLSearchParams
  client: OAuthClient
  /** Our own address. */
  issuer: string
}
