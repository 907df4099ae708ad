import * as z from 'zod'
import { AppError } from '../../errors.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { handleMessage } from './handle.ts'
import { RpcAnswer } from './rpc.ts'

const common = { tag: 'MCP', path: '/mcp', auth: 'person' } as const

/** What would open a stream of our own, or end a session: there is neither (MCP, "Transports"). */
const unsupported = (method: 'get' | 'delete', operationId: string) =>
  endpoint(
    {
      ...common,
      method,
      operationId,
      summary: 'Not supported',
      answer: { status: 204, description: 'Never.' },
      errors: ['method_not_allowed'],
    },
    async () => {
      throw new AppError('method_not_allowed', 'Send each message by POST.', {
        headers: { allow: 'POST' },
      })
    },
  )

/** Mounted at the root. */
export const mcpEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      method: 'post',
      operationId: 'sendMcpMessage',
      summary: 'A message of the Model Context Protocol',
      description: 'For MCP hosts: tools that list models, show quota and usage, and ask a model.',
      body: z.record(z.string(), z.unknown()).meta({ id: 'JsonRpcMessage' }),
      validateBody: false,
      answer: { status: 200, description: 'The answer.', schema: RpcAnswer },
      otherAnswers: {
        202: { description: 'A notification was taken.' },
        400: { description: 'It is no message, or not of a known revision.', schema: RpcAnswer },
        403: { description: 'It comes from a page of another name.', schema: RpcAnswer },
        404: { description: 'There is no such method.', schema: RpcAnswer },
      },
      errors: ['insufficient_scope'],
    },
    (c) => handleMessage(c),
  ),
  unsupported('get', 'openMcpStream'),
  unsupported('delete', 'endMcpSession'),
]
