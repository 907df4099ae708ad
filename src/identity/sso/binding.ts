import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { constantTimeEqual, sha256Hex } from '../../platform/crypto/hash.ts'
import type { Flow } from './flow-store.ts'

/** What a request brings to prove that it ends what it has begun. */
export interface FlowProof {
  /** Value of the flow's own cookie. */
  cookie: string | null
  /** Whether the request carries the cookie of any flow. */
  hasAnyCookie: boolean
  /** The secret behind `code_challenge`. */
  codeVerifier: string | null
  isFromBrowser: boolean
  /** A redirect through the browser, as opposed to a call with a JSON body. */
  isNavigation: boolean
}

/**
 * Whether a flow is ended where it was begun; otherwise anybody could have a victim's browser end
 * the attacker's sign-in. The cookie proves it, or the secret of a client that cannot have cookies.
 * A program has neither and needs none: it keeps the state itself, and nobody can make it call. What
 * a browser sends is known by headers that no page can leave out.
 */
export function isBound(
  flow: Pick<Flow, 'challenge' | 'cookieHash' | 'isFromBrowser'>,
  proof: FlowProof,
): boolean {
  if (flow.challenge !== null) {
    return (
      proof.codeVerifier !== null && constantTimeEqual(s256(proof.codeVerifier), flow.challenge)
    )
  }
  if (proof.cookie !== null) return constantTimeEqual(sha256Hex(proof.cookie), flow.cookieHash)
  const isProgram = !flow.isFromBrowser && !proof.isFromBrowser && !proof.hasAnyCookie
  return isProgram && !proof.isNavigation
}

/** RFC 7636 §4.2. */
export function s256(verifier: string): string {
  return toBase64Url(sha256(utf8ToBytes(verifier)))
}

/**
 * Whether a browser sent this: `Origin` accompanies every POST of a browser, `Sec-Fetch-Site` every
 * request of a recent one, and no script can remove them.
 */
export function isFromBrowser(header: (name: string) => string | undefined): boolean {
  return header('origin') !== undefined || header('sec-fetch-site') !== undefined
}
