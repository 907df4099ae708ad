import type { Ctx } from '../context.ts'
import { preparedHeaders } from '../platform/http/headers.ts'
import type { CallRecord } from './call-record.ts'
import { CHAT_PATH, type ChatInput, completionId } from './chat-input.ts'
import type { ChatRequest } from './chat-request.ts'
import { asCompletion } from './convert-answer.ts'
import { dialectOf } from './dialects/index.ts'
import { beginExchange } from './exchange.ts'
import { eventsOf } from './faces/face-stream.ts'
import { keepSignatures } from './faces/kept-signatures.ts'
import { callUpstream, isOfType, readText } from './upstream.ts'

const HEADERS = preparedHeaders({ 'content-type': 'application/json' })

/**
 * Answers a chat completion in one piece. The work goes on when the client leaves in the middle:
 * what the AI service charges has to be in the books.
 */
export function wholeChat(
  ctx: Ctx,
  call: CallRecord,
  request: ChatRequest,
  input: ChatInput,
): Promise<Response> {
  const work = answer(ctx, call, request, input)
  ctx.waitUntil(work.catch(() => undefined))
  return work
}

async function answer(
  ctx: Ctx,
  call: CallRecord,
  request: ChatRequest,
  { clientSignal, accountType }: ChatInput,
): Promise<Response> {
  const dialect = dialectOf(ctx)
  const exchange = beginExchange(ctx, call, clientSignal)
  const { signal } = exchange.controller
  try {
    const upstream = await callUpstream(ctx, {
      method: 'POST',
      path: CHAT_PATH,
      accept: 'application/json',
      body: dialect.body(ctx, request),
      accountType,
      signal,
    })
    exchange.watchdog.heard()
    const text = await readText(upstream, signal)
    if (!upstream.ok) {
      const { status, headers } = upstream
      throw await dialect.explain(ctx, { status, headers, text, model: request.model })
    }
    const whole = isOfType(upstream, 'text/event-stream') ? wholeOf(ctx, call, request, text) : text
    const result = dialect.completion(whole, {
      id: completionId(call),
      model: request.model,
      includeUsage: request.includeUsage,
    })
    if (result.type === 'failure') throw result.error
    call.markFirstByte()
    call.settle({ usage: result.usage, producedBytes: result.producedBytes })
    const { writer } = request
    if (!writer) return new Response(result.body, { headers: HEADERS })
    const body = writer.whole(eventsOf(result.body))
    keepSignatures(ctx, writer.unplaced)
    return new Response(body, { headers: HEADERS })
  } finally {
    exchange.end()
  }
}

/**
 * A stream that was not asked for as the whole that was: not before it is known to be one.
 *
 * @throws {AppError} what the stream says is wrong, or that it is cut
 */
function wholeOf(ctx: Ctx, call: CallRecord, { model }: ChatRequest, text: string): string {
  const options = { id: completionId(call), model, includeUsage: true }
  const translator = dialectOf(ctx).stream(ctx, options)
  const events = translator.push(new TextEncoder().encode(text)) + translator.end()
  if (translator.failure) throw translator.failure
  return JSON.stringify(asCompletion(events) ?? {})
}
