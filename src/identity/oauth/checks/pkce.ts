import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

/**
 * RFC 7636, with S256 alone (RFC 9700 §2.1.1): of a client that cannot keep a secret it is demanded, of others
 * where they are marked so; whoever sends a challenge is held to it.
 */
export function checkPkce({ params, client }: Asked) {
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  if (challenge === null) {
    if (method !== null) throw new AppError('invalid_request', '"code_challenge" is missing.')
    if (client.authMethod === 'none' || client.requiresPkce)
      throw new AppError('invalid_request', 'This client has to send a "code_challenge".')
    return { codeChallenge: null }
  }
  if (method !== 'S256')
    throw new AppError('invalid_request', 'The only "code_challenge_method" is "S256".')
  if (!/^[\w-]{43}$/.test(challenge))
    throw new AppError('invalid_request', '"code_challenge" is no SHA-256 in base64url.')
  return { codeChallenge: challenge }
}
