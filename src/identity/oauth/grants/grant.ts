import type { Ctx } from '../../../context.ts'
import type { OAuthClient } from '../../../credentials/oauth/index.ts'
import type { TokenAnswer } from '../token-answer.ts'

/** What a client that has proven who it is asks the token endpoint for. */
export interface TokenRequest {
  client: OAuthClient
  form: URLSearchParams
  issuer: string
}

/** One way to get a token. @throws {AppError} what the client is told */
export type GrantHandler = (ctx: Ctx, request: TokenRequest) => Promise<TokenAnswer>
