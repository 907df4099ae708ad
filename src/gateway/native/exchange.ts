import type { Ctx } from '../../context.ts'
import { AppError, asAppError } from '../../errors.ts'
import { createBytePipe } from '../../platform/byte-pipe.ts'
import { FLOWING } from '../../platform/http/headers.ts'
import { parseJson } from '../../platform/json.ts'
import type { CallRecord } from '../call-record.ts'
import { isObject } from '../dialects/fields.ts'
import { dialectOf, withoutOperator } from '../dialects/index.ts'
import { beginExchange, type Exchange } from '../exchange.ts'
import { LongAnswer } from '../streams/long-answer.ts'
import { Outlet } from '../streams/outlet.ts'
import { abortReason, ClientGone, callUpstream, isOfType, readText } from '../upstream.ts'
import type { NativeCall } from './calls.ts'
import { Listener } from './listener.ts'
import type { NativeInput } from './native-input.ts'
import type { NativeBody } from './read-native.ts'

interface Passed {
  call: CallRecord
  native: NativeCall
  body: NativeBody
  input: NativeInput
}

/** One native call under way: settles the record, whatever becomes of it. */
export class NativeExchange {
  readonly response: Promise<Response>
  readonly #ctx: Ctx
  readonly #passed: Passed
  readonly #listener: Listener
  readonly #exchange: Exchange

  constructor(ctx: Ctx, passed: Passed) {
    this.#ctx = ctx
    this.#passed = passed
    const { call, native, body, input } = passed
    this.#listener = new Listener(native, body.request)
    call.producing(() => this.#listener.producedBytes)
    // Where the answer is one JSON text, and may take long.
    const long = body.request.stream || native.name === 'audio' ? null : new LongAnswer(ctx.clock)
    this.#exchange = beginExchange(
      ctx,
      call,
      input.clientSignal,
      long ? { lastAt: () => long.lastAt, run: () => long.signOfLife() } : undefined,
    )
    if (long) {
      ctx.waitUntil(this.#tell(long))
      this.response = long.response
    } else this.response = this.#stream()
  }

  async #tell(long: LongAnswer): Promise<void> {
    try {
      const upstream = await this.#ask()
      const text = await readText(upstream, this.#exchange.controller.signal)
      const json = parseJson(text)
      if (!isObject(json)) {
        throw new AppError('upstream_error', 'The AI service sent an answer that is no JSON.')
      }
      this.#listener.hear(json)
      this.#passed.call.markFirstByte()
      this.#settle(null)
      await long.tell(text)
    } catch (thrown) {
      const error = asAppError(thrown)
      if (long.hasBegun) this.#settle(error)
      await long.fail(thrown, JSON.stringify(this.#passed.input.refuse(error)))
    } finally {
      this.#exchange.end()
    }
  }

  /** Answers as soon as the server does. */
  async #stream(): Promise<Response> {
    try {
      const upstream = await this.#ask()
      if (!upstream.body) {
        throw new AppError('upstream_error', 'The AI service sent an empty answer.')
      }
      const { readable, writable } = createBytePipe()
      const outlet = new Outlet(this.#ctx.clock, writable, () =>
        this.#exchange.controller.abort(new ClientGone()),
      )
      this.#passed.call.markFirstByte()
      this.#ctx.waitUntil(this.#relay(upstream, upstream.body, outlet))
      return new Response(readable, { headers: headersOf(upstream) })
    } catch (thrown) {
      this.#exchange.end()
      throw thrown
    }
  }

  async #ask(): Promise<Response> {
    const { native, body, input } = this.#passed
    const { signal } = this.#exchange.controller
    const upstream = await callUpstream(this.#ctx, {
      method: 'POST',
      path: native.path,
      accept: body.request.stream ? 'text/event-stream' : '*/*',
      body: body.bytes,
      contentType: body.contentType,
      headers: input.headers,
      signal,
    })
    this.#exchange.watchdog.heard()
    if (upstream.ok) return upstream
    const { status, headers } = upstream
    const text = await readText(upstream, signal)
    const { model } = body.request
    const refusal = { status, headers, text, model }
    throw withoutOperator(this.#ctx, await dialectOf(this.#ctx).explain(this.#ctx, refusal))
  }

  async #relay(
    upstream: Response,
    body: ReadableStream<Uint8Array>,
    outlet: Outlet,
  ): Promise<void> {
    const isEvents = isOfType(upstream, 'text/event-stream')
    const isJson = isOfType(upstream, 'application/json')
    const text = new TextDecoder()
    let whole = ''
    let error: AppError | null = null
    try {
      const reader = body.getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        this.#exchange.watchdog.heard()
        if (isEvents) this.#listener.push(value)
        else if (isJson) whole += text.decode(value, { stream: true })
        await outlet.sendBytes(value)
        if (outlet.isGone) throw new ClientGone()
      }
      const json = isJson ? parseJson(whole) : null
      if (isObject(json)) this.#listener.hear(json)
      error = this.#listener.failure ?? (isEvents && this.#isCut ? cutOff() : null)
    } catch {
      error = abortReason(this.#exchange.controller.signal) ?? cutOff()
    }
    this.#exchange.end()
    const isTold = this.#listener.failure !== null || outlet.isGone
    if (error && isEvents && !isTold) outlet.send(errorEvent(this.#passed.input.refuse(error)))
    await outlet.close()
    this.#settle(outlet.isGone ? new ClientGone() : error)
  }

  /** Of the streams that say when they are over. */
  get #isCut(): boolean {
    const { name } = this.#passed.native
    return (name === 'responses' || name === 'messages') && !this.#listener.hasEnded
  }

  #settle(error: AppError | null): void {
    const { counted, producedBytes, usage } = this.#listener
    this.#passed.call.settle({ error, usage: error ? usage : counted, producedBytes })
  }
}

/** Ends whatever event has been cut. */
function errorEvent(body: object): string {
  return `\n\nevent: error\ndata: ${JSON.stringify(body)}\n\n`
}

function cutOff(): AppError {
  return new AppError('upstream_error', 'The AI service broke the answer off.')
}

/** Of the server's headers only those that say what the body is. */
function headersOf(upstream: Response): Record<string, string> {
  const isEvents = isOfType(upstream, 'text/event-stream')
  return {
    'content-type': upstream.headers.get('content-type') ?? 'application/octet-stream',
    ...(isEvents && { 'cache-control': FLOWING, 'x-accel-buffering': 'no' }),
  }
}
