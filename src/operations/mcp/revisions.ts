import { INVALID_PARAMS, RpcError, type RpcMessage } from './rpc.ts'

export const INFO = { name: 'shared-accounts', title: 'shared-accounts', version: '1' }

/** In which each request says which revision it speaks (MCP, "Versioning and Compatibility"). */
const MODERN_VERSION = '2026-07-28'
/** That begin with a handshake. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const
/** The newest first. */
export const VERSIONS: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS]

/** MCP, "Error Codes". */
const HEADER_MISMATCH = -32_020
const UNSUPPORTED_VERSION = -32_022

const META = 'io.modelcontextprotocol/'

/** What a request over HTTP repeats in its header. */
export interface ModernHeaders {
  version: string | undefined
  method: string | undefined
  name: string | undefined
}

/** Whether a message is of a revision without a handshake, or would be. */
export function isModern({ params }: RpcMessage, { version }: ModernHeaders): boolean {
  if (version === MODERN_VERSION) return true
  const asked = metaOf(params)?.[`${META}protocolVersion`]
  return asked !== undefined && !(LEGACY_VERSIONS as readonly unknown[]).includes(asked)
}

/**
 * What every such request has to say, and that its header says the same.
 *
 * @throws {RpcError} with the status that the answer has
 */
export function checkModern({ method, params }: RpcMessage, headers: ModernHeaders): void {
  const meta = metaOf(params)
  const version = meta?.[`${META}protocolVersion`]
  if (typeof version !== 'string')
    throw new RpcError(INVALID_PARAMS, `_meta lacks "${META}protocolVersion".`, 400)
  requireSame('MCP-Protocol-Version', headers.version, version)
  if (version !== MODERN_VERSION) throw unsupportedVersion(version)
  const capabilities = meta?.[`${META}clientCapabilities`]
  if (typeof capabilities !== 'object' || capabilities === null || Array.isArray(capabilities))
    throw new RpcError(INVALID_PARAMS, `_meta lacks "${META}clientCapabilities".`, 400)
  requireSame('Mcp-Method', headers.method, method)
  if (method === 'tools/call') requireSame('Mcp-Name', decoded(headers.name), params?.name)
}

export function unsupportedVersion(requested: string | undefined): RpcError {
  const data = { supported: VERSIONS, requested }
  return new RpcError(UNSUPPORTED_VERSION, 'Unsupported protocol version', 400, data)
}

function metaOf(params: RpcMessage['params']): Record<string, unknown> | null {
  const meta = params?._meta
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>) : null
}

function requireSame(name: string, inHeader: string | undefined, inBody: unknown): void {
  if (inHeader === inBody) return
  const what = inHeader === undefined ? 'is missing' : 'is not what the message says'
  throw new RpcError(HEADER_MISMATCH, `Header mismatch: ${name} ${what}`, 400)
}

/** What cannot stand in a header as it is comes in base64 (MCP, "Value Encoding"). */
function decoded(value: string | undefined): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value ?? '')?.[1]
  if (encoded === undefined) return value
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
  } catch {
    throw new RpcError(HEADER_MISMATCH, 'Header mismatch: Mcp-Name is not base64', 400)
  }
}
