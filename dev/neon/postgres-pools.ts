import pg from 'pg'
import type { ServerAddress } from './postgres-admin.ts'
import type { Credentials } from './types.ts'

const CONNECTIONS_PER_POOL = 20
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_MS = 30_000
/** A client that tries many passwords must not leave a pool behind for each of them. */
const MAX_POOLS = 20

/** One pool of connections for each login that was seen. */
export class PostgresPools {
  readonly #address: ServerAddress
  /** In the order of their last use. */
  readonly #pools = new Map<string, LimitedPool>()

  constructor(address: ServerAddress) {
    this.#address = address
  }

  /** @throws what node-postgres throws if there is no connection to be had */
  connect(credentials: Credentials): Promise<pg.PoolClient> {
    const key = JSON.stringify([credentials.user, credentials.password, credentials.database])
    const pool = this.#pools.get(key) ?? new LimitedPool(this.#address, credentials)
    this.#pools.delete(key)
    this.#pools.set(key, pool)
    for (const [oldKey, old] of this.#pools) {
      if (this.#pools.size <= MAX_POOLS) break
      this.#pools.delete(oldKey)
      void old.close()
    }
    return pool.connect()
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.close()))
    this.#pools.clear()
  }
}

/**
 * A pool in which waiting for one's turn has no time limit. In node-postgres the same limit holds
 * for that and for reaching the server, but only a server that does not answer is an error.
 */
class LimitedPool {
  readonly #pool: pg.Pool
  readonly #waiting: (() => void)[] = []
  #free = CONNECTIONS_PER_POOL

  constructor(address: ServerAddress, credentials: Credentials) {
    this.#pool = new pg.Pool({
      ...address,
      ...credentials,
      max: CONNECTIONS_PER_POOL,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
    })
    // A server that goes away ends the connections; whoever uses one gets an error of his own.
    this.#pool.on('error', () => undefined)
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
  }

  async connect(): Promise<pg.PoolClient> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      const client = await this.#pool.connect()
      const release = client.release.bind(client)
      client.release = (destroy) => {
        release(destroy)
        this.#giveBack()
      }
      return client
    } catch (error) {
      this.#giveBack()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  #giveBack(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }
}
