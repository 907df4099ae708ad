/**
 * The log that lets the embedded Redis survive restarts, also by kill -9: each line holds the writes of
 * one request, with their times, and is with the operating system before the request is answered.
 * At the start the log is replayed and then compacted to a snapshot of the keys.
 */

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { LogRecord, RedisCore } from './core/core.ts'
import { restoreEntry, type StoredEntry, storeEntry } from './core/stored-entry.ts'

/** A line of the log: the writes of one request, or a key of the snapshot. */
type Line = LogRecord[] | StoredEntry

const COMPACT_AFTER_BYTES = 32 * 1024 * 1024

export class WriteLog {
  readonly #path: string
  readonly #core: RedisCore
  #file: number
  #appendedBytes = 0

  /**
   * Loads the log into the core and compacts it.
   *
   * @throws Error if a line before the last is damaged
   */
  constructor(path: string, core: RedisCore) {
    this.#path = path
    this.#core = core
    mkdirSync(dirname(path), { recursive: true })
    this.#load()
    this.#file = this.#compact()
  }

  /** Appends what was written since the last call. */
  append(): void {
    const records = this.#core.takeRecords()
    if (!records.length) return
    const line = Buffer.from(`${JSON.stringify(records)}\n`)
    writeSync(this.#file, line)
    this.#appendedBytes += line.length
    if (this.#appendedBytes > COMPACT_AFTER_BYTES) {
      closeSync(this.#file)
      this.#file = this.#compact()
    }
  }

  close(): void {
    this.append()
    closeSync(this.#file)
  }

  #load(): void {
    if (!existsSync(this.#path)) return
    const lines = readFileSync(this.#path, 'utf8').split('\n')
    // What follows the last line break was cut off while it was written, and never acknowledged.
    lines.pop()
    for (const [i, text] of lines.entries()) {
      let line: Line
      try {
        line = JSON.parse(text)
      } catch {
        throw new Error(`${this.#path}: line ${i + 1} is damaged; remove the file to start empty`)
      }
      if (Array.isArray(line)) for (const record of line) this.#core.replay(record)
      else restoreEntry(this.#core.db, line)
    }
    this.#core.sweep()
  }

  /** Writes a snapshot beside the log and puts it in its place. */
  #compact(): number {
    const temporary = `${this.#path}.tmp`
    const file = openSync(temporary, 'w')
    for (const [key, entry] of this.#core.db.entries) {
      writeSync(file, `${JSON.stringify(storeEntry(key, entry))}\n`)
    }
    renameSync(temporary, this.#path)
    this.#appendedBytes = 0
    return file
  }
}
