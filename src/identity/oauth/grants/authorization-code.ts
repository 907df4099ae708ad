import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { endGrant } from '../../../credentials/oauth/index.ts'
import { toBase64Url } from '../../../platform/crypto/encoding.ts'
import { constantTimeEqual } from '../../../platform/crypto/hash.ts'
import { type Code, openCode } from '../code.ts'
import type { GrantHandler, TokenRequest } from './grant.ts'
import { redeem, refused } from './redeem.ts'

/**
 * RFC 6749 §4.1.3. A code works once; a second use ends what the first one gave (§4.1.2, RFC 9700 §4.5), whoever
 * it comes from.
 */
export const exchangeCode: GrantHandler = async (ctx, request) => {
  const { client, form } = request
  const code = await openCode(ctx, form.get('code') ?? '')
  const reason = whatIsWrong(request, code)
  if (reason) {
    ctx.logger.log('warn', 'oauth_code_refused', { request_id: ctx.requestId, reason })
    throw refused()
  }
  if (code.expiresAt <= ctx.clock.now()) {
    // It may have been used in time: then this is the second use.
    await endGrant(ctx.services.redis, code.grantId, client.clientId)
    throw refused()
  }
  return redeem(ctx, request, code)
}

/** For the log: the client hears only that it does not work. */
function whatIsWrong({ client, form }: TokenRequest, code: Code): string | null {
  if (code.clientId !== client.clientId) return 'another client'
  const uri = form.get('redirect_uri')
  // Who named an address names it again; who did not may leave it out (OAuth 2.1 needs none at all).
  if (code.askedRedirectUri !== null && uri !== code.askedRedirectUri) return 'another address'
  const verifier = form.get('code_verifier')
  if (code.codeChallenge === null) return verifier === null ? null : 'a verifier without challenge'
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return 'no verifier'
  const hash = toBase64Url(sha256(utf8ToBytes(verifier)))
  return constantTimeEqual(hash, code.codeChallenge) ? null : 'another verifier'
}
