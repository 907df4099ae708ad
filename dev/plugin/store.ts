import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Account, Consumption, PoolRow, Snapshot, User } from './state.ts'

const FLUSH_AFTER_MS = 150

/** All state in memory, optionally mirrored into one JSON file. */
export class Store {
  readonly users = new Map<string, User>()
  readonly accounts = new Map<string, Account>()
  /** Pool rows by user, then by model. */
  readonly pools = new Map<string, Map<string, PoolRow>>()
  log: Consumption[] = []

  #userIdByKey = new Map<string, string>()
  #file: string | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #lastWriteMs = 0
  #dirty = false

  /** Opens the store, loading the file when it exists. */
  static async open(file: string | undefined): Promise<Store> {
    const store = new Store()
    store.#file = file
    if (file && existsSync(file)) {
      try {
        store.#load(JSON.parse(await readFile(file, 'utf8')) as Snapshot)
      } catch (error) {
        throw new Error(`the saved state ${file} is unreadable; delete it to start afresh`, {
          cause: error,
        })
      }
    }
    return store
  }

  /** Finds a user by API key, whatever the user's status. */
  userByKey(key: string): User | undefined {
    const id = this.#userIdByKey.get(key)
    return id === undefined ? undefined : this.users.get(id)
  }

  /** Adds a user, or indexes a changed key. */
  saveUser(user: User, formerKey?: string): void {
    if (formerKey !== undefined) this.#userIdByKey.delete(formerKey)
    this.users.set(user.user_id, user)
    this.#userIdByKey.set(user.api_key, user.user_id)
    this.changed()
  }

  /** Removes a user with accounts, quotas, pool rows and consumption. */
  removeUser(user: User): void {
    this.users.delete(user.user_id)
    this.#userIdByKey.delete(user.api_key)
    this.pools.delete(user.user_id)
    const owned = this.accountsOf(user.user_id).map((account) => account.cookie_id)
    for (const id of owned) this.accounts.delete(id)
    const gone = new Set(owned)
    this.log = this.log.filter((row) => row.user_id !== user.user_id && !gone.has(row.cookie_id))
    this.changed()
  }

  /** Removes an account with its quotas and its part of the consumption log. */
  removeAccount(cookieId: string): void {
    this.accounts.delete(cookieId)
    this.log = this.log.filter((row) => row.cookie_id !== cookieId)
    this.changed()
  }

  /** The accounts of one user, oldest first. */
  accountsOf(userId: string): Account[] {
    return [...this.accounts.values()].filter((account) => account.user_id === userId)
  }

  /** The pool rows of one user by model; empty until the user shares an account. */
  poolOf(userId: string): Map<string, PoolRow> {
    let rows = this.pools.get(userId)
    if (!rows) {
      rows = new Map()
      this.pools.set(userId, rows)
    }
    return rows
  }

  /** Says that something changed, so that the file is written soon. */
  changed(): void {
    this.#dirty = true
    if (this.#file === undefined || this.#timer) return
    // A log that grew large takes long to write; waiting in proportion leaves the processor to the requests.
    const wait = Math.max(FLUSH_AFTER_MS, this.#lastWriteMs * 10)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, wait)
  }

  /** Writes the file now if anything changed since the last time. */
  flush(): Promise<void> {
    const file = this.#file
    if (file === undefined) return Promise.resolve()
    this.#writing = this.#writing.then(() => this.#write(file)).catch(reportWriteFailure)
    return this.#writing
  }

  /** Stops the timer and writes what is left. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.flush()
  }

  async #write(file: string): Promise<void> {
    if (!this.#dirty) return
    this.#dirty = false
    const began = performance.now()
    const snapshot: Snapshot = {
      users: [...this.users.values()],
      accounts: [...this.accounts.values()],
      pools: [...this.pools.values()].flatMap((rows) => [...rows.values()]),
      log: this.log,
    }
    const text = JSON.stringify(snapshot)
    await mkdir(dirname(file), { recursive: true })
    // A crash in the middle of a write must leave the previous file whole.
    await writeFile(`${file}.tmp`, text, { mode: 0o600 })
    await rename(`${file}.tmp`, file)
    this.#lastWriteMs = performance.now() - began
  }

  #load(snapshot: Snapshot): void {
    for (const user of snapshot.users) {
      this.users.set(user.user_id, user)
      this.#userIdByKey.set(user.api_key, user.user_id)
    }
    for (const account of snapshot.accounts) this.accounts.set(account.cookie_id, account)
    for (const row of snapshot.pools) this.poolOf(row.user_id).set(row.model_name, row)
    this.log = snapshot.log
  }
}

function reportWriteFailure(error: unknown): void {
  console.error('plug-in stand-in: the state could not be saved:', error)
}
