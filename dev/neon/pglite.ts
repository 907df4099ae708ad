import { mkdirSync } from 'node:fs'
import { lockDirectory } from './directory-lock.ts'
import { HttpError, passwordError, SqlError } from './errors.ts'
import { Mutex } from './mutex.ts'
import { type EngineOptions, PgliteEngine } from './pglite-engine.ts'
import { runQueries } from './transaction.ts'
import type { Backend, Credentials, SqlRequest, StatementResult } from './types.ts'

/** A lone engine never makes a checkpoint by itself: its log would grow for as long as it runs. */
const REQUESTS_PER_CHECKPOINT = 5_000

/**
 * Opens an embedded PostgreSQL. It has a single session: a whole request holds it, and afterwards
 * the session is put back into its first state, so that one client cannot disturb another.
 *
 * @param credentials the only login that is accepted; role and database are created if missing
 * @param dataDir where the data lives; absent means in memory
 * @throws Error if the data directory is in use or cannot be opened
 */
export async function createPgliteBackend(
  credentials: Credentials,
  dataDir: string | undefined,
): Promise<Backend> {
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true })
  const unlock = dataDir === undefined ? undefined : await lockDirectory(dataDir)
  try {
    const options = { credentials, dataDir }
    return new PgliteBackend(options, await PgliteEngine.open(options), unlock)
  } catch (error) {
    await unlock?.()
    throw error
  }
}

class PgliteBackend implements Backend {
  readonly engine = 'pglite'
  readonly #options: EngineOptions
  readonly #unlock: (() => Promise<void>) | undefined
  readonly #mutex = new Mutex()
  #pglite: PgliteEngine
  #requests = 0

  constructor(
    options: EngineOptions,
    pglite: PgliteEngine,
    unlock: (() => Promise<void>) | undefined,
  ) {
    this.#options = options
    this.#pglite = pglite
    this.#unlock = unlock
  }

  async run(request: SqlRequest, signal: AbortSignal): Promise<StatementResult[]> {
    this.#checkCredentials(request.credentials)
    const outcome = Promise.withResolvers<StatementResult[]>()
    void this.#mutex.run(async () => {
      try {
        if (signal.aborted) throw new HttpError(499, 'the client closed the connection')
        const pglite = await this.#usableEngine()
        outcome.resolve(await runQueries(pglite, request, signal))
      } catch (error) {
        outcome.reject(error)
      }
      // The client need not wait for this, only the next request. A failure leaves an unusable
      // engine, which the next request replaces.
      if (this.#pglite.usable) await this.#cleanUp(this.#pglite).catch(() => undefined)
    })
    return outcome.promise
  }

  async ping(): Promise<void> {
    await this.#mutex.run(async () => (await this.#usableEngine()).execute('select 1'))
  }

  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.#pglite.close()
      await this.#unlock?.()
    })
  }

  async #usableEngine(): Promise<PgliteEngine> {
    if (!this.#pglite.usable) {
      await this.#pglite.close()
      this.#pglite = await PgliteEngine.open(this.#options)
    }
    return this.#pglite
  }

  async #cleanUp(pglite: PgliteEngine): Promise<void> {
    await pglite.reset()
    this.#requests += 1
    if (this.#requests % REQUESTS_PER_CHECKPOINT === 0) await pglite.checkpoint()
  }

  #checkCredentials(given: Credentials): void {
    const { user, password, database } = this.#options.credentials
    if (given.user !== user || given.password !== password) throw passwordError(given.user)
    if (given.database !== database) {
      throw new SqlError(`database "${given.database}" does not exist`, {
        code: '3D000',
        severity: 'FATAL',
      })
    }
  }
}
