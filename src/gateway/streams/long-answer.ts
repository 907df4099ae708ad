import { createBytePipe } from '../../platform/byte-pipe.ts'
import type { Clock } from '../../platform/clock.ts'
import { FLOWING, preparedHeaders } from '../../platform/http/headers.ts'
import { Outlet } from './outlet.ts'

const JSON_TYPE = 'application/json; charset=utf-8'
const HEADERS = preparedHeaders({ 'content-type': JSON_TYPE })
const LONG_HEADERS = preparedHeaders({
  'content-type': JSON_TYPE,
  'cache-control': FLOWING,
  // Proxies of the nginx kind would otherwise collect the blanks.
  'x-accel-buffering': 'no',
})
/** JSON may begin with as many as one likes (RFC 8259 §2). */
const BLANK = ' '

/**
 * The one JSON text that answers a call, however long that takes: proxies give up on a connection on
 * which nothing comes. Once blanks have been sent the status is 200, whatever becomes of the call.
 */
export class LongAnswer {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #answer = Promise.withResolvers<Response>()
  #outlet: Outlet | null = null

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Settles once the status is known. */
  get response(): Promise<Response> {
    return this.#answer.promise
  }

  /** When the client last saw something; while it has seen nothing, since when it waits. */
  get lastAt(): number {
    return this.#outlet?.lastWriteAt ?? this.#startedAt
  }

  /** The status is said: a failure can only be told in the body. */
  get hasBegun(): boolean {
    return this.#outlet !== null
  }

  signOfLife(): void {
    this.#outlet ??= this.#begin()
    this.#outlet.comment(BLANK)
  }

  /** Says it all, and ends the answer. */
  tell(body: string): void | Promise<void> {
    if (this.#outlet) return this.#end(this.#outlet, body)
    this.#answer.resolve(new Response(body, { headers: HEADERS }))
  }

  /**
   * @param thrown for whoever says it by a status
   * @param body what says the same where the status can no more
   */
  fail(thrown: unknown, body: string): void | Promise<void> {
    if (this.#outlet) return this.#end(this.#outlet, body)
    this.#answer.reject(thrown)
  }

  #begin(): Outlet {
    const { readable, writable } = createBytePipe()
    this.#answer.resolve(new Response(readable, { headers: LONG_HEADERS }))
    // What the AI service charges has to be in the books, whoever still listens.
    return new Outlet(this.#clock, writable, () => undefined)
  }

  async #end(outlet: Outlet, body: string): Promise<void> {
    outlet.send(body)
    await outlet.close()
  }
}
