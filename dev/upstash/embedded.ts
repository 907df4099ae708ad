/** The embedded Redis as a backend, with its log. */

import type { Backend } from './backend.ts'
import { RedisCore } from './core/core.ts'
import { WriteLog } from './write-log.ts'

const SWEEP_INTERVAL_MS = 1_000

/**
 * Starts the embedded Redis.
 *
 * @param persistTo the file that keeps its data; without it the data ends with the process
 * @throws Error if that file is damaged or cannot be written
 */
export function embeddedBackend(options: { persistTo?: string; strictKeys?: boolean }): Backend {
  const core = new RedisCore({ strictKeys: options.strictKeys ?? true })
  const log = options.persistTo === undefined ? undefined : new WriteLog(options.persistTo, core)
  const sweeper = setInterval(() => core.sweep(), SWEEP_INTERVAL_MS)
  sweeper.unref()

  /** Logs before the answer leaves. */
  const logged = <Result>(result: Result): Result => {
    if (log) log.append()
    else core.takeRecords()
    return result
  }
  return {
    run: async (command) => logged(core.execute(command)),
    transaction: async (commands) => logged(core.transaction(commands)),
    subscribe: async (name, pattern, listener) =>
      core.subscribe(name, pattern, (channel, message) => listener({ channel, message })),
    close: async () => {
      clearInterval(sweeper)
      log?.close()
    },
  }
}
