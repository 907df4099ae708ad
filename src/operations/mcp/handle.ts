import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { parseJson } from '../../platform/json.ts'
import { callTool } from './call-tool.ts'
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

/** Revisions of the protocol, the newest first. */
const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const

const INFO = { name: 'shared-accounts', title: 'shared-accounts', version: '1' }

/**
 * One message over streamable HTTP (MCP, "Transports"). The server keeps no session and has nothing to say by
 * itself, so that each message is answered on its own, with JSON.
 */
export async function handleMessage(c: Context<AppEnv>): Promise<Response> {
  const message = RpcMessage.safeParse(parseJson(await c.req.text()))
  if (!message.success) {
    const what = new RpcError(
      message.error.issues[0]?.path.length ? INVALID_REQUEST : PARSE_ERROR,
      'This is not one JSON-RPC message.',
    )
    return c.json(errorOf(null, what), 400)
  }
  const version = c.req.header('mcp-protocol-version')
  if (version !== undefined && !isKnown(version)) {
    const what = new RpcError(INVALID_REQUEST, `This server speaks ${VERSIONS.join(', ')}.`)
    return c.json(errorOf(message.data.id ?? null, what), 400)
  }
  const { id } = message.data
  // A notification, or an answer to something that we never ask.
  if (id === undefined || message.data.method === undefined) return c.body(null, 202)
  try {
    return c.json(answerOf(id, await perform(c, message.data)))
  } catch (error) {
    if (error instanceof RpcError) return c.json(errorOf(id, error))
    throw error
  }
}

async function perform(c: Context<AppEnv>, { method, params }: RpcMessage): Promise<object> {
  switch (method) {
    case 'initialize': {
      const asked = String(params?.protocolVersion)
      return {
        protocolVersion: isKnown(asked) ? asked : VERSIONS[0],
        capabilities: { tools: { listChanged: false } },
        serverInfo: INFO,
        instructions: 'Asks models out of the quota of the person who is signed in.',
      }
    }
    case 'ping':
      return {}
    case 'tools/list':
      return { tools: describeTools() }
    case 'tools/call':
      return callTool(c, params)
    default:
      throw new RpcError(METHOD_NOT_FOUND, 'There is no such method.')
  }
}

function isKnown(version: string): boolean {
  return (VERSIONS as readonly string[]).includes(version)
}
