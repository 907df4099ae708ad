import type { OAuthClient } from '../../../credentials/oauth/index.ts'
import { AppError } from '../../../errors.ts'
import { isApplicationScope } from '../../../scopes.ts'
import type { Asked } from '../request.ts'
import { defaultScopes } from '../resources.ts'

/** RFC 6749 §3.3. */
export function checkScope({ params, client, issuer }: Asked) {
  return { scopes: allowedScopes(client, params.get('scope'), params.getAll('resource'), issuer) }
}

/**
 * What a client gets of what it asks for: what it must not have is left out, as RFC 6749 §3.3 allows and the
 * answer says.
 *
 * @throws {AppError} `invalid_scope` when nothing is left, or it is no list of scopes
 */
export function allowedScopes(
  client: OAuthClient,
  asked: string | null,
  resources: readonly string[],
  issuer: string,
): string[] {
  const wanted = asked?.split(' ') ?? client.defaultScopes ?? defaultScopes(resources, issuer)
  if (!wanted.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
    throw new AppError('invalid_scope', '"scope" is a list of names with one space between them.')
  const left = wanted.filter((scope) => isApplicationScope(scope) && client.scopes.includes(scope))
  if (left.length === 0) throw new AppError('invalid_scope', 'There is no such scope.')
  return [...new Set(left)]
}
