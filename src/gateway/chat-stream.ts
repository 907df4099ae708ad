import type { Ctx } from '../context.ts'
import { toOpenAIError } from '../error-forms.ts'
import { AppError, asAppError } from '../errors.ts'
import { createBytePipe } from '../platform/byte-pipe.ts'
import { FLOWING, preparedHeaders } from '../platform/http/headers.ts'
import type { CallRecord } from './call-record.ts'
import { CHAT_PATH, type ChatInput, completionId } from './chat-input.ts'
import type { ChatRequest } from './chat-request.ts'
import { asEvents } from './convert-answer.ts'
import type { JsonObject } from './dialects/fields.ts'
import {
  dialectOf,
  type StreamTranslator,
  type TokenUsage,
  withoutOperator,
} from './dialects/index.ts'
import { beginExchange, type Exchange } from './exchange.ts'
import { FaceStream } from './faces/face-stream.ts'
import { keepSignatures } from './faces/kept-signatures.ts'
import { joined } from './streams/collector.ts'
import { Outlet } from './streams/outlet.ts'
import type { StreamParts } from './streams/parts.ts'
import { PassThrough } from './streams/pass-through.ts'
import { type Beginning, readBeginning, relayEvents } from './streams/relay.ts'
import { Source } from './streams/source.ts'
import { DONE, isEventStream, sseEvent } from './streams/sse.ts'
import { abortReason, ClientGone, callUpstream, isOfType, readText } from './upstream.ts'

const HEADERS = preparedHeaders({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': FLOWING,
  // Proxies of the nginx kind would otherwise collect the events.
  'x-accel-buffering': 'no',
})

/**
 * Answers a chat completion as a stream. The status is decided when the first event of the answer
 * is there, or when the client needs a sign of life before that; a failure after that moment is an
 * error event, after which the stream ends without `[DONE]`, so that SDKs raise it.
 */
export function streamChat(
  ctx: Ctx,
  call: CallRecord,
  request: ChatRequest,
  input: ChatInput,
): Promise<Response> {
  const stream = new ChatStream(ctx, call, request, input)
  ctx.waitUntil(stream.run())
  return stream.response
}

class ChatStream {
  readonly #ctx: Ctx
  readonly #call: CallRecord
  readonly #request: ChatRequest
  readonly #exchange: Exchange
  readonly #outlet: Outlet
  readonly #translator: StreamTranslator
  readonly #answer = Promise.withResolvers<Response>()
  readonly #readable: ReadableStream<Uint8Array>
  #isCommitted = false
  /** `[DONE]` has been passed on: nothing may follow it. */
  #wasDone = false
  #passThrough: PassThrough | null = null
  /** What a server that does not stream has counted. */
  #counted: TokenUsage | null = null

  constructor(ctx: Ctx, call: CallRecord, request: ChatRequest, input: ChatInput) {
    this.#ctx = ctx
    this.#call = call
    this.#request = request
    const { readable, writable } = createBytePipe()
    this.#readable = readable
    this.#outlet = new Outlet(ctx.clock, writable, () =>
      this.#exchange.controller.abort(new ClientGone()),
    )
    const { model, includeUsage, writer } = request
    const options = { id: completionId(call), model, includeUsage }
    const translator = dialectOf(ctx).stream(ctx, options)
    this.#translator = writer ? new FaceStream(translator, writer) : translator
    call.producing(() => this.#translator.producedBytes)
    this.#exchange = beginExchange(ctx, call, input.clientSignal, {
      lastAt: () => Math.max(this.#outlet.lastWriteAt, this.#passThrough?.heardAt ?? 0),
      run: () => this.#signOfLife(),
    })
  }

  /** Settles once the status is known. */
  get response(): Promise<Response> {
    return this.#answer.promise
  }

  /** Runs to the end of the stream, and then settles the call. Never throws. */
  async run(): Promise<void> {
    let failure: AppError | null = null
    try {
      failure = await this.#stream()
    } catch (error) {
      failure = asAppError(error)
    }
    this.#exchange.end()
    await this.#finish(failure && withoutOperator(this.#ctx, failure))
  }

  /** @returns what went wrong after the answer had begun; throws what went wrong before */
  async #stream(): Promise<AppError | null> {
    const parts = {
      translator: this.#translator,
      outlet: this.#outlet,
      watchdog: this.#exchange.watchdog,
    }
    const body = await this.#open()
    const source = Source.of(body)
    const beginning = await readBeginning(source, parts)
    if (beginning.isOver && !this.#translator.hasBegun) this.#readAsWhole(beginning)
    if (beginning.isOver || this.#translator.isDone) {
      beginning.text += this.#translator.end(source.isBroken)
    }
    const early = this.#failure()
    if (early) {
      this.#ctx.waitUntil(source.leave())
      throw early
    }

    this.#commit()
    this.#call.markFirstByte()
    const isOver = beginning.isOver || this.#translator.isDone
    if (!isOver && this.#passesUntouched()) {
      source.release()
      return this.#passUntouched(beginning, body, parts)
    }
    this.#outlet.send(beginning.text)
    if (isOver) this.#ctx.waitUntil(source.leave())
    else {
      await relayEvents(source, parts, this.#ctx.clock)
      // The end leaves before the connection to the AI service has ended.
      this.#ctx.waitUntil(source.leave())
      if (!this.#failure()) this.#outlet.send(this.#translator.end(source.isBroken))
    }
    return this.#failure()
  }

  #passesUntouched(): boolean {
    if (this.#request.writer) return false
    return dialectOf(this.#ctx).passesUntouched(this.#ctx, this.#request)
  }

  async #open(): Promise<ReadableStream<Uint8Array>> {
    const dialect = dialectOf(this.#ctx)
    const { signal } = this.#exchange.controller
    const upstream = await callUpstream(this.#ctx, {
      method: 'POST',
      path: CHAT_PATH,
      accept: 'text/event-stream',
      body: dialect.body(this.#ctx, this.#request),
      signal,
    })
    if (!upstream.ok) {
      const { status, headers } = upstream
      const text = await readText(upstream, signal)
      throw await dialect.explain(this.#ctx, { status, headers, text, model: this.#request.model })
    }
    if (!upstream.body || isOfType(upstream, 'text/html')) {
      await upstream.body?.cancel()
      throw new AppError('upstream_error', 'The AI service sent no stream of events.')
    }
    return isOfType(upstream, 'application/json') ? this.#converted(upstream) : upstream.body
  }

  async #converted(upstream: Response): Promise<ReadableStream<Uint8Array>> {
    const text = await readText(upstream, this.#exchange.controller.signal)
    return new Response(isEventStream(text) ? text : this.#eventsOf(text)).body as ReadableStream
  }

  /** What came was JSON, whatever it was called: no event of a stream begins as JSON does. */
  #readAsWhole(beginning: Beginning): void {
    const text = new TextDecoder().decode(joined(beginning.chunks)).trimStart()
    if (!text.startsWith('{') && !text.startsWith('[')) return
    const events = new TextEncoder().encode(`\n\n${this.#eventsOf(text)}`)
    beginning.text += this.#translator.push(events)
  }

  /** A server that does not stream: what it says is the stream's one piece. */
  #eventsOf(text: string): string {
    const { model, includeUsage } = this.#request
    const options = { id: completionId(this.#call), model, includeUsage }
    const result = dialectOf(this.#ctx).completion(text, options)
    if (result.type === 'failure') throw result.error
    this.#counted = result.usage
    return asEvents(JSON.parse(result.body) as JsonObject, includeUsage)
  }

  /** Whoever broke it off decides what it is; else the translator knows. */
  #failure(): AppError | null {
    return abortReason(this.#exchange.controller.signal) ?? this.#translator.failure
  }

  async #passUntouched(
    beginning: Beginning,
    body: ReadableStream<Uint8Array>,
    parts: StreamParts,
  ): Promise<AppError | null> {
    const { clock, config } = this.#ctx
    const quietMs = config.STREAM_KEEPALIVE_SECONDS * 1000
    const passThrough = new PassThrough(clock, parts, quietMs, () =>
      this.#exchange.controller.abort('over'),
    )
    this.#passThrough = passThrough
    await passThrough.run(beginning, body)
    this.#ctx.waitUntil(passThrough.leave())
    this.#wasDone = this.#translator.isDone
    if (!this.#translator.failure) this.#translator.end(passThrough.isBroken)
    if (passThrough.isTorn) {
      return new AppError('upstream_error', 'The answer could not be passed on.')
    }
    if (!this.#failure() && !this.#wasDone) this.#outlet.send(`${this.#gap()}${sseEvent(DONE)}`)
    return this.#failure()
  }

  /** What ends an event that passed without its end. */
  #gap(): string {
    return this.#passThrough?.isBetweenEvents === false ? '\n\n' : ''
  }

  /** The client has waited long enough: the answer begins now, whatever becomes of it. */
  #signOfLife(): void {
    this.#commit()
    if (this.#passThrough) this.#passThrough.signOfLife()
    else this.#outlet.comment(this.#request.writer?.signOfLife())
  }

  #commit(): void {
    if (this.#isCommitted) return
    this.#isCommitted = true
    const answer = new Response(this.#readable, { headers: HEADERS })
    const { streamType } = this.#request
    if (streamType) answer.headers.set('content-type', streamType)
    this.#answer.resolve(answer)
  }

  async #finish(failure: AppError | null): Promise<void> {
    const isGone = this.#outlet.isGone || failure instanceof ClientGone
    if (failure && !this.#isCommitted) {
      // The caller settles what is thrown, unless nobody is there to hear it.
      if (isGone) this.#settle(failure)
      this.#answer.reject(failure)
      return
    }
    const isTold = this.#passThrough !== null && this.#translator.isFailureTold
    if (failure && !isGone && !isTold && !this.#wasDone) {
      const { writer } = this.#request
      const event = writer?.fail(failure) ?? sseEvent(JSON.stringify(toOpenAIError(failure)))
      this.#outlet.send(`${this.#gap()}${event}`)
    }
    await this.#outlet.close()
    this.#settle(this.#outlet.isGone ? new ClientGone() : failure)
  }

  #settle(error: AppError | null): void {
    const { writer } = this.#request
    if (writer) keepSignatures(this.#ctx, writer.unplaced)
    const { usage, producedBytes } = this.#translator
    const translator = this.#translator
    const isEmpty = translator instanceof FaceStream ? translator.isEmpty : producedBytes === 0
    this.#call.settle({ error, usage: usage ?? this.#counted, producedBytes, isEmpty })
  }
}
