import type { AppError } from '../../errors.ts'
import { ERROR_KINDS } from '../../errors.ts'
import type { AuthorizationRequest } from './request.ts'

type Addressed = Pick<AuthorizationRequest, 'redirectUri' | 'responseMode' | 'state'>

/**
 * Where the browser goes with the answer to an authorization request. Who answers stands in it, too
 * (RFC 9207).
 *
 * @param request its address must have been checked
 */
export function answerAddress(
  { redirectUri, responseMode, state }: Addressed,
  issuer: string,
  answer: Record<string, string>,
): string {
  const params = new URLSearchParams({
    ...answer,
    ...(state !== null && { state }),
    iss: issuer,
  })
  if (responseMode === 'fragment') return `${redirectUri}#${params}`
  // The address itself stays as it was registered.
  const [head, query] = [redirectUri, redirectUri.includes('?')]
  return `${head}${query ? (/[?&]$/.test(head) ? '' : '&') : '?'}${params}`
}

/** Where it goes with a refusal. */
export function refusalAddress(request: Addressed, issuer: string, error: AppError): string {
  return answerAddress(request, issuer, {
    error: ERROR_KINDS[error.code].oauth,
    error_description: error.message,
  })
}
