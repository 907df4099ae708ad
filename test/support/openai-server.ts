import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that the server has seen. */
export interface SeenRequest {
  headers: Record<string, string | string[] | undefined>
  body: string
  isAborted: boolean
}

export interface OpenAIServer {
  url: string
  requests: SeenRequest[]
  close(): Promise<void>
}

interface ChatBody {
  model: string
  stream?: boolean
  stream_options?: { include_usage?: boolean }
  messages: { content: string }[]
}

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
const WORDS = ['One', ' two', ' three', ' four', ' five']

/**
 * A plain OpenAI-compatible server. The last message decides what it does: `status <number>`, `tell <number>` (the same, with its address and its key),
 * `error first`, `error midway`, `cut`, `hang`, `garbage`, `quiet <ms>` (between two events),
 * `count <n>` (events, 5 ms apart); anything else is answered well.
 */
export async function startOpenAIServer(): Promise<OpenAIServer> {
  const requests: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const seen: SeenRequest = { headers: request.headers, body: '', isAborted: false }
    requests.push(seen)
    response.on('error', () => undefined)
    response.on('close', () => {
      seen.isAborted = !response.writableFinished
    })
    for await (const chunk of request) seen.body += String(chunk)
    await answer(request, response, seen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: SeenRequest,
): Promise<unknown> {
  const json = (status: number, value: unknown, headers = {}) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value))
  if (request.url === '/v1/models') {
    return json(200, {
      object: 'list',
      data: [{ id: 'tiny', object: 'model', created: 1, owned_by: 'us' }],
    })
  }
  const body = JSON.parse(seen.body) as ChatBody
  const wish = body.messages.at(-1)?.content ?? ''
  const [, status] = /^status (\d+)$/.exec(wish) ?? []
  if (status) {
    const error = {
      message: `about ${status}`,
      type: 'some_error',
      param: 'model',
      code: `code_${status}`,
    }
    return json(Number(status), { error }, { 'retry-after': '17' })
  }
  const [, told] = /^tell (\d+)$/.exec(wish) ?? []
  if (told) {
    const { host, authorization } = request.headers
    const message = `POST http://${host}${request.url} with ${authorization} is not possible`
    return json(Number(told), { error: { message, type: 'some_error', param: null, code: null } })
  }
  const base = { id: 'chatcmpl-abc', created: 1_763_600_000, model: body.model }
  if (!body.stream) {
    const message = { role: 'assistant', content: WORDS.join(''), refusal: null }
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }]
    return json(200, { ...base, object: 'chat.completion', choices, usage: USAGE, extra: 1.0 })
  }
  return stream(response, body, wish, base)
}

async function stream(
  response: ServerResponse,
  body: ChatBody,
  wish: string,
  base: object,
): Promise<unknown> {
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const event = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`)
  const chunk = (delta: object, finish: string | null = null) =>
    event({
      ...base,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(body.stream_options?.include_usage && { usage: null }),
    })
  const error = { error: { message: 'overloaded', type: 'server_error', param: null, code: null } }

  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  if (wish === 'error first') return event(error) && response.end()
  chunk({ role: 'assistant', content: '' })
  const [, count] = /^count (\d+)$/.exec(wish) ?? []
  const words = count ? Array.from({ length: Number(count) }, (_, index) => ` w${index}`) : WORDS
  for (const [index, content] of words.entries()) {
    if (response.destroyed) return undefined
    chunk({ content })
    await pause(5)
    if (index !== 2) continue
    const [, quietMs] = /^quiet (\d+)$/.exec(wish) ?? []
    if (quietMs) await pause(Number(quietMs))
    if (wish === 'cut') return response.end()
    if (wish === 'reset') return response.socket?.resetAndDestroy()
    if (wish === 'hang') return undefined
    if (wish === 'garbage') response.write('data: {"broken\n\n')
    if (wish === 'error midway') return event(error) && response.end()
  }
  chunk({}, 'stop')
  if (body.stream_options?.include_usage) {
    event({ ...base, object: 'chat.completion.chunk', choices: [], usage: USAGE })
  }
  return response.end('data: [DONE]\n\n')
}
