import { Worker } from 'node:worker_threads'
import { HttpError, sqlErrorFrom } from './errors.ts'
import type { Credentials, StatementResult } from './types.ts'

export interface EngineOptions {
  credentials: Credentials
  dataDir: string | undefined
}

/** What the engine's thread is asked. */
export type EngineRequest =
  | { type: 'execute'; text: string; params: (string | null)[] }
  /** Rolls back and puts the session into its first state. */
  | { type: 'reset' }
  | { type: 'checkpoint' }
  | { type: 'close' }

/** What it answers, once for being started and once for each request. */
export type EngineReply =
  | { type: 'done' }
  | { type: 'result'; result: StatementResult }
  | { type: 'refused'; error: Record<string, unknown> }
  | { type: 'broken'; message: string }

/**
 * PGlite's WebAssembly code calls itself as deeply as PostgreSQL does, on the stack of the thread
 * it runs in. The usual one is too small: a statement with some 2,000 operators overflows it, and
 * the engine goes on with corrupted memory. `max_stack_depth` (in `pglite-storage.ts`) is about a
 * thirtieth of this, so that PostgreSQL notices first.
 */
const STACK_MB = 32

/**
 * One PGlite in a thread of its own: there it can have the stack that it needs, and a slow
 * statement does not keep the HTTP server from noticing what happens.
 */
export class PgliteEngine {
  readonly #worker: Worker
  #pending: PromiseWithResolvers<EngineReply> | undefined
  #broken: string | undefined

  private constructor(options: EngineOptions) {
    this.#worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), {
      workerData: options,
      resourceLimits: { stackSizeMb: STACK_MB },
    })
    this.#worker.on('message', (reply: EngineReply) => this.#pending?.resolve(reply))
    this.#worker.on('error', (error) => this.#break(String(error)))
    this.#worker.on('exit', () => this.#break('its thread ended'))
  }

  /** @throws Error if the database cannot be opened */
  static async open(options: EngineOptions): Promise<PgliteEngine> {
    const engine = new PgliteEngine(options)
    const reply = await engine.#reply()
    if (reply.type === 'done') return engine
    await engine.#worker.terminate()
    const reason = reply.type === 'broken' ? reply.message : 'its first statements were refused'
    throw new Error(`The embedded database cannot be opened: ${reason}`)
  }

  /** False after a failure from which the engine cannot recover; what was committed is kept. */
  get usable(): boolean {
    return this.#broken === undefined
  }

  /** @throws SqlError if PostgreSQL refuses the statement, HttpError 500 if the engine breaks */
  async execute(text: string, params: (string | null)[] = []): Promise<StatementResult> {
    const reply = await this.#ask({ type: 'execute', text, params })
    if (reply.type !== 'result') throw new HttpError(500, 'the database engine stopped')
    return reply.result
  }

  /** Ends what is left of a transaction and forgets everything that belongs to a session. */
  async reset(): Promise<void> {
    await this.#ask({ type: 'reset' })
  }

  async checkpoint(): Promise<void> {
    await this.#ask({ type: 'checkpoint' })
  }

  async close(): Promise<void> {
    if (this.usable) await this.#ask({ type: 'close' }).catch(() => undefined)
    await this.#worker.terminate()
  }

  async #ask(request: EngineRequest): Promise<EngineReply> {
    if (this.#broken !== undefined) throw this.#failure()
    const answer = this.#reply()
    this.#worker.postMessage(request)
    const reply = await answer
    if (reply.type === 'refused') throw sqlErrorFrom(reply.error as { message: string })
    if (reply.type === 'broken') {
      this.#break(reply.message)
      void this.#worker.terminate()
      throw this.#failure()
    }
    return reply
  }

  #reply(): Promise<EngineReply> {
    this.#pending = Promise.withResolvers<EngineReply>()
    return this.#pending.promise
  }

  #break(message: string): void {
    this.#broken ??= message
    this.#pending?.resolve({ type: 'broken', message })
  }

  #failure(): HttpError {
    return new HttpError(500, `the database engine stopped: ${this.#broken}`)
  }
}
