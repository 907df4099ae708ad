import { rmSync } from 'node:fs'

/**
 * A process that outlives the bench for an instant: should the bench be killed without a word, the
 * channel to it closes, and what it had started and written is cleared away here.
 */

/** What the bench tells it: a process or a folder to look after, or a process that has ended. */
interface Order {
  watch?: number
  forget?: number
  remove?: string
}

const RETRIES = { maxRetries: 10, retryDelay: 100 }

const pids = new Set<number>()
const folders = new Set<string>()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', ({ watch, forget, remove }: Order) => {
  if (watch !== undefined) pids.add(watch)
  if (forget !== undefined) pids.delete(forget)
  if (remove !== undefined) folders.add(remove)
})
process.on('disconnect', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Has ended already.
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, ...RETRIES })
  process.exit(0)
})
