import type { Ctx } from '../context.ts'
import { toOpenAIError } from '../error-forms.ts'
import { asAppError } from '../errors.ts'
import type { CallRecord } from './call-record.ts'
import { CHAT_PATH, type ChatInput, completionId } from './chat-input.ts'
import type { ChatRequest } from './chat-request.ts'
import { asCompletion } from './convert-answer.ts'
import { dialectOf, withoutOperator } from './dialects/index.ts'
import { beginExchange } from './exchange.ts'
import { saysSomething } from './faces/answer.ts'
import { eventsOf } from './faces/face-stream.ts'
import { keepSignatures } from './faces/kept-signatures.ts'
import { LongAnswer } from './streams/long-answer.ts'
import { isEventStream } from './streams/sse.ts'
import { callUpstream, isOfType, readText } from './upstream.ts'

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
  const long = new LongAnswer(ctx.clock)
  ctx.waitUntil(tell(ctx, call, request, { input, long }))
  return long.response
}

/** Never throws. */
async function tell(
  ctx: Ctx,
  call: CallRecord,
  request: ChatRequest,
  { input, long }: { input: ChatInput; long: LongAnswer },
): Promise<void> {
  try {
    await long.tell(await answer(ctx, call, request, { input, long }))
  } catch (thrown) {
    const error = withoutOperator(ctx, asAppError(thrown))
    // Whoever is told by a status settles it.
    if (long.hasBegun) call.settle({ error })
    await long.fail(thrown, request.writer?.refuse(error) ?? JSON.stringify(toOpenAIError(error)))
  }
}

async function answer(
  ctx: Ctx,
  call: CallRecord,
  request: ChatRequest,
  { input, long }: { input: ChatInput; long: LongAnswer },
): Promise<string> {
  const { clientSignal } = input
  const dialect = dialectOf(ctx)
  const exchange = beginExchange(ctx, call, clientSignal, {
    lastAt: () => long.lastAt,
    run: () => long.signOfLife(),
  })
  const { signal } = exchange.controller
  try {
    const upstream = await callUpstream(ctx, {
      method: 'POST',
      path: CHAT_PATH,
      accept: 'application/json',
      body: dialect.body(ctx, request),
      signal,
    })
    exchange.watchdog.heard()
    const text = await readText(upstream, signal)
    if (!upstream.ok) {
      const { status, headers } = upstream
      throw await dialect.explain(ctx, { status, headers, text, model: request.model })
    }
    const isStream = isOfType(upstream, 'text/event-stream') || isEventStream(text)
    const whole = isStream && !/^\s*[{[]/.test(text) ? wholeOf(ctx, call, request, text) : text
    const result = dialect.completion(whole, {
      id: completionId(call),
      model: request.model,
      includeUsage: request.includeUsage,
    })
    if (result.type === 'failure') throw result.error
    call.markFirstByte()
    const { usage, producedBytes } = result
    const { writer } = request
    if (!writer) {
      call.settle({ usage, producedBytes, isEmpty: producedBytes === 0 })
      return result.body
    }
    const events = eventsOf(result.body)
    call.settle({ usage, producedBytes, isEmpty: !events.some(saysSomething) })
    const body = writer.whole(events)
    keepSignatures(ctx, writer.unplaced)
    return body
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
