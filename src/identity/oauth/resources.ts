import { AppError } from '../../errors.ts'

/** What an MCP host gets that asks for nothing: what its tools take. */
export const MCP_SCOPES = ['chat', 'read:models', 'read:quotas', 'read:usage'] as const
/** What everybody else gets that asks for nothing. */
const DEFAULT_SCOPES = ['read:profile'] as const

/** Parts of this server that a token can be narrowed to. */
const PARTS = ['', '/v1', '/v1beta', '/api', '/mcp'] as const

/**
 * The resources that a token is for (RFC 8707 §2), all of them ours.
 *
 * @returns empty: everything here
 * @throws {AppError} `invalid_target`
 */
export function checkResources(asked: readonly string[], issuer: string): string[] {
  const known = new Set(PARTS.map((part) => issuer + part))
  const canonical = asked.map(canonicalOf)
  if (!canonical.every((resource) => known.has(resource)))
    throw new AppError('invalid_target', 'This server gives no tokens for that resource.')
  return [...new Set(canonical)]
}

/** Hosts in capitals, and a slash more at the end, mean the same (MCP, "Canonical Server URI"). */
function canonicalOf(resource: string): string {
  return URL.parse(resource)?.href.replace(/\/$/, '') ?? resource
}

export function defaultScopes(resources: readonly string[], issuer: string): readonly string[] {
  const isForMcp =
    resources.length > 0 && resources.every((one) => canonicalOf(one) === `${issuer}/mcp`)
  return isForMcp ? MCP_SCOPES : DEFAULT_SCOPES
}
