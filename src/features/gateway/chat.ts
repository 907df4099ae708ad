import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { readLimited } from '../../platform/http/read-limited.ts'
import { type CallRecord, startCall } from './call-record.ts'
import { type ChatRequest, readChatRequest } from './chat-request.ts'
import { antigravity } from './dialects/antigravity.ts'
import { pumpEvents } from './pump.ts'
import { callUpstream } from './upstream.ts'

const ENDPOINT = '/v1/chat/completions'
/** Generated images arrive inside the answer as base64. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/**
 * Answers one chat completion, streamed or whole.
 *
 * @param readBody gives the request's bytes
 * @throws {AppError} for every failure before the first byte of the answer
 */
export async function chat(ctx: Ctx, readBody: () => Promise<ArrayBuffer>): Promise<Response> {
  const call = startCall(ctx, ENDPOINT)
  try {
    if (ctx.actor.type !== 'system' && ctx.actor.type !== 'anonymous' && ctx.actor.isSilenced) {
      throw new AppError('account_silenced', 'This account may not chat. Ask an administrator.')
    }
    const request = readChatRequest(new Uint8Array(await readBody()))
    call.describe(request)
    return await (request.stream ? streamed(ctx, call, request) : whole(ctx, call, request))
  } catch (error) {
    const failure = error instanceof AppError ? error : new AppError('internal_error')
    call.settle({ status: failure.status, error: failure })
    throw error
  }
}

async function whole(ctx: Ctx, call: CallRecord, request: ChatRequest): Promise<Response> {
  const upstream = await callUpstream(ctx, {
    method: 'POST',
    path: ENDPOINT,
    accept: 'application/json',
    body: request.body,
  })
  const text = await readAnswer(upstream)
  const result = antigravity.completion(text, { id: completionId(call), includeUsage: false })
  if (result.type === 'failure') throw result.error
  call.markFirstByte()
  call.settle({ status: 200, usage: result.usage })
  return Response.json(result.json)
}

async function streamed(ctx: Ctx, call: CallRecord, request: ChatRequest): Promise<Response> {
  const clientLeft = new AbortController()
  const upstream = await callUpstream(ctx, {
    method: 'POST',
    path: ENDPOINT,
    accept: 'text/event-stream',
    body: request.body,
    signal: clientLeft.signal,
  })
  if (!upstream.ok || !upstream.body) {
    throw antigravity.failure(upstream.status, await readAnswer(upstream))
  }
  const translator = antigravity.stream({
    id: completionId(call),
    includeUsage: request.includeUsage,
  })
  const { readable, done } = pumpEvents(upstream.body, translator, {
    onFirstByte: () => call.markFirstByte(),
    onClientGone: () => clientLeft.abort(),
  })
  ctx.waitUntil(
    done.then((end) => {
      const error = translator.failure
      const status = end === 'client_gone' ? 499 : (error?.status ?? 200)
      call.settle({ status, error, usage: translator.usage })
    }),
  )
  return new Response(readable, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    },
  })
}

async function readAnswer(upstream: Response): Promise<string> {
  let text: string
  try {
    text = await readLimited(upstream, MAX_ANSWER_BYTES)
  } catch (cause) {
    throw new AppError('upstream_error', 'The AI service broke its answer off.', { cause })
  }
  if (!upstream.ok) throw antigravity.failure(upstream.status, text)
  return text
}

function completionId(call: CallRecord): string {
  return `chatcmpl-${call.id.replaceAll('-', '')}`
}
