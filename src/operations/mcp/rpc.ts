import * as z from 'zod'

/** JSON-RPC 2.0, §5.1. */
export const PARSE_ERROR = -32_700
export const INVALID_REQUEST = -32_600
export const METHOD_NOT_FOUND = -32_601
export const INVALID_PARAMS = -32_602

export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** Of the answer over HTTP, where it has to be another than 200. */
  readonly status: 400 | undefined
  readonly data: object | undefined

  constructor(code: number, message: string, status?: 400, data?: object) {
    super(message)
    this.code = code
    this.status = status
    this.data = data
  }
}

/** A request, or without an id a notification. */
export const RpcMessage = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
})
export type RpcMessage = z.output<typeof RpcMessage>

export const RpcAnswer = z
  .looseObject({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string(), z.number()]).nullable(),
    result: z.record(z.string(), z.unknown()).optional(),
    error: z
      .object({
        code: z.int(),
        message: z.string(),
        data: z.record(z.string(), z.unknown()).optional(),
      })
      .optional(),
  })
  .meta({ id: 'JsonRpcAnswer' })
type RpcAnswer = z.input<typeof RpcAnswer>

export function answerOf(id: RpcAnswer['id'], result: object): RpcAnswer {
  return { jsonrpc: '2.0', id, result: result as Record<string, unknown> }
}

export function errorOf(id: RpcAnswer['id'], { code, message, data }: RpcError): RpcAnswer {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data && { data: { ...data } }) } }
}
