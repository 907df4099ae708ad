import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { ownAddress } from '../../platform/http/own-address.ts'
import { parseJson } from '../../platform/json.ts'
import { callTool } from './call-tool.ts'
import {
  checkModern,
  INFO,
  isModern,
  LEGACY_VERSIONS,
  type ModernHeaders,
  unsupportedVersion,
  VERSIONS,
} from './revisions.ts'
import {
  answerOf,
  errorOf,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  RpcError,
  RpcMessage,
} from './rpc.ts'
import { describeTools } from './tools.ts'

const INSTRUCTIONS = 'Asks models out of the quota of the person who is signed in.'

/** Lists are the same for everybody, and change with a deployment alone. */
const CACHED = { ttlMs: 300_000, cacheScope: 'public' } as const

/**
 * One message over streamable HTTP (MCP, "Transports"). The server keeps no session and has nothing to say by
 * itself, so that each message is answered on its own, with JSON: in the revisions that begin with a handshake, and
 * in those in which each request says for itself which one it speaks.
 */
export async function handleMessage(c: Context<AppEnv>): Promise<Response> {
  if (isRebound(c)) return c.json(errorOf(null, new RpcError(INVALID_REQUEST, 'Not here.')), 403)
  const message = RpcMessage.safeParse(parseJson(await c.req.text()))
  if (!message.success) {
    const what = new RpcError(
      message.error.issues[0]?.path.length ? INVALID_REQUEST : PARSE_ERROR,
      'This is not one JSON-RPC message.',
    )
    return c.json(errorOf(null, what), 400)
  }
  const { id, method } = message.data
  const headers = headersOf(c)
  const modern = isModern(message.data, headers)
  try {
    // A notification, or an answer to something that we never ask.
    if (id === undefined || method === undefined) {
      if (!modern && !isKnown(headers.version)) throw unsupportedVersion(headers.version)
      return c.body(null, 202)
    }
    if (modern) {
      checkModern(message.data, headers)
      return c.json(answerOf(id, complete(await performModern(c, message.data))))
    }
    if (!isKnown(headers.version)) throw unsupportedVersion(headers.version)
    return c.json(answerOf(id, await perform(c, message.data)))
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return c.json(errorOf(id ?? null, error), statusOf(error, modern))
  }
}

/** What the revisions with a handshake know. */
async function perform(c: Context<AppEnv>, { method, params }: RpcMessage): Promise<object> {
  switch (method) {
    case 'initialize': {
      const asked = String(params?.protocolVersion)
      return {
        protocolVersion: isKnown(asked) ? asked : LEGACY_VERSIONS[0],
        capabilities: { tools: { listChanged: false } },
        serverInfo: INFO,
        instructions: INSTRUCTIONS,
      }
    }
    case 'ping':
      return {}
    case 'tools/list':
      return { tools: describeTools() }
    case 'tools/call':
      return callTool(c, params)
    default:
      throw noSuchMethod()
  }
}

/** What the revisions without one do. */
async function performModern(c: Context<AppEnv>, { method, params }: RpcMessage): Promise<object> {
  switch (method) {
    case 'server/discover': {
      const capabilities = { tools: {} }
      return {
        ...{ supportedVersions: VERSIONS, capabilities, instructions: INSTRUCTIONS },
        ...CACHED,
      }
    }
    case 'tools/list':
      return { tools: describeTools(), ...CACHED }
    case 'tools/call':
      return callTool(c, params)
    default:
      throw noSuchMethod()
  }
}

const complete = (result: object) => ({
  resultType: 'complete',
  ...result,
  _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
})

/** Whether a version may stand in the header of a revision with a handshake; the oldest has no such header. */
function isKnown(version: string | undefined): boolean {
  return version === undefined || (LEGACY_VERSIONS as readonly string[]).includes(version)
}

/** What is wrong with how a request came is said by the status as well, and in newer revisions an unknown method. */
function statusOf({ code, status }: RpcError, modern: boolean): 200 | 400 | 404 {
  if (status !== undefined) return status
  return modern && code === METHOD_NOT_FOUND ? 404 : 200
}

function headersOf(c: Context<AppEnv>): ModernHeaders {
  return {
    version: c.req.header('mcp-protocol-version'),
    method: c.req.header('mcp-method'),
    name: c.req.header('mcp-name'),
  }
}

/**
 * Whether a page asks that believes to be ours under another name: its own, which leads here now (DNS rebinding).
 * Pages of elsewhere may ask; what they need is a token, which no browser sends by itself.
 */
function isRebound(c: Context<AppEnv>): boolean {
  const { origin } = new URL(c.req.url)
  return c.req.header('origin') === origin && origin !== ownAddress(c.get('ctx').config, c.req.url)
}

function noSuchMethod(): RpcError {
  return new RpcError(METHOD_NOT_FOUND, 'There is no such method.')
}
