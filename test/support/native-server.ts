import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface NativeRequestSeen {
  path: string
  headers: NodeJS.Dict<string | string[]>
  body: Buffer
}

export interface NativeServer {
  url: string
  seen: NativeRequestSeen[]
  close(): Promise<void>
}

const sse = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const RESPONSE = {
  id: 'resp_theirs',
  object: 'response',
  created_at: 1,
  model: 'm',
  status: 'completed',
  output: [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Native', annotations: [] }],
    },
  ],
  usage: { input_tokens: 11, output_tokens: 3, total_tokens: 14 },
}

/** What is answered to what; a text of the request chooses a failure. */
const ANSWERS: Record<string, { json?: object; events?: string[]; audio?: Buffer; text?: string }> =
  {
    '/v1/responses': {
      json: RESPONSE,
      events: [
        sse('response.created', {
          type: 'response.created',
          sequence_number: 0,
          response: { ...RESPONSE, status: 'in_progress', output: [], usage: null },
        }),
        sse('response.output_item.added', {
          type: 'response.output_item.added',
          sequence_number: 1,
          output_index: 0,
          item: { ...RESPONSE.output[0], status: 'in_progress', content: [] },
        }),
        sse('response.content_part.added', {
          type: 'response.content_part.added',
          sequence_number: 2,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          part: { type: 'output_text', text: '', annotations: [] },
        }),
        sse('response.output_text.delta', {
          type: 'response.output_text.delta',
          sequence_number: 1,
          item_id: 'msg_1',
          output_index: 0,
          content_index: 0,
          delta: 'Native',
        }),
        sse('response.completed', {
          type: 'response.completed',
          sequence_number: 2,
          response: RESPONSE,
        }),
      ],
    },
    '/v1/messages': {
      json: {
        id: 'msg_theirs',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [{ type: 'text', text: 'Native' }],
        stop_reason: 'end_turn',
        stop_sequence: null,
        usage: { input_tokens: 5, cache_read_input_tokens: 6, output_tokens: 3 },
      },
      events: [
        sse('message_start', {
          type: 'message_start',
          message: {
            id: 'msg_theirs',
            type: 'message',
            role: 'assistant',
            model: 'm',
            content: [],
            stop_reason: null,
            stop_sequence: null,
            usage: { input_tokens: 5, cache_read_input_tokens: 6, output_tokens: 1 },
          },
        }),
        sse('content_block_start', {
          type: 'content_block_start',
          index: 0,
          content_block: { type: 'text', text: '' },
        }),
        sse('content_block_delta', {
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text: 'Native' },
        }),
        sse('content_block_stop', { type: 'content_block_stop', index: 0 }),
        sse('message_delta', {
          type: 'message_delta',
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: 3 },
        }),
        sse('message_stop', { type: 'message_stop' }),
      ],
    },
    '/v1/embeddings': {
      json: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.25] }],
        model: 'm',
        usage: { prompt_tokens: 8, total_tokens: 8 },
      },
    },
    '/v1/rerank': {
      json: { results: [{ index: 1, relevance_score: 0.9 }], usage: { total_tokens: 21 } },
    },
    '/v1/images/generations': {
      json: { created: 1, data: [{ b64_json: 'AAAA' }, { b64_json: 'BBBB' }] },
    },
    '/v1/images/edits': { json: { created: 1, data: [{ b64_json: 'AAAA' }] } },
    '/v1/audio/speech': { audio: Buffer.from([0xff, 0xfb, 0x00, 0x80, 0x01]) },
    '/v1/audio/transcriptions': { json: { text: 'Hello', duration: 12.3 } },
    '/v1/audio/translations': { text: 'Hello' },
  }

/** A server that answers everything itself, and says of an empty request what is missing. */
export async function startNativeServer(): Promise<NativeServer> {
  const seen: NativeRequestSeen[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const path = request.url ?? ''
    seen.push({ path, headers: request.headers, body })
    answer(request, response, path, body.toString('latin1'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function answer(_: IncomingMessage, response: ServerResponse, path: string, body: string): unknown {
  const json = (status: number, value: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const known = ANSWERS[path]
  if (!known) return json(404, { error: { message: 'Not Found' } })
  if (body === '{}') return json(400, { error: { message: 'model is required' } })
  if (body.includes('please refuse'))
    return json(400, {
      error: { message: 'signature: Field required', type: 'invalid_request_error' },
    })
  if (known.audio) return response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(known.audio)
  if (known.text) return response.writeHead(200, { 'content-type': 'text/plain' }).end(known.text)
  if (!known.events || !/"stream":\s*true/.test(body)) return json(200, known.json ?? {})
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const events = body.includes('please cut') ? known.events.slice(0, 2) : known.events
  return response.end(events.join(''))
}

/** The bytes that a stream of a path has. */
export const nativeEvents = (path: string) => ANSWERS[path]?.events?.join('') ?? ''
