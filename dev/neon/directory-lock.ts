import { createHash } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a new process waits for the one before it to end. */
const PATIENCE_MS = 5_000

/**
 * Makes sure that only one process uses a data directory: two engines on the same files destroy
 * them. The lock is a listening local socket, which the system closes even after kill -9; a file
 * with a process id would have to be believed or not.
 *
 * @returns gives the lock back
 * @throws Error if another process holds the lock for longer than five seconds
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const address = addressOf(realpathSync(directory))
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const server = await listen(address)
    if (server) {
      return () => new Promise((resolve) => server.close(() => resolve()))
    }
    if (await isAlive(address)) {
      if (Date.now() > deadline) {
        throw new Error(`The data directory ${directory} is in use by another process`)
      }
      await sleep(100)
    } else {
      // Left behind by a process that was killed.
      rmSync(address, { force: true })
    }
  }
}

/** A longer path of a socket is refused, or worse, cut off. */
const MAX_SOCKET_PATH = 100

function addressOf(path: string): string {
  const name = `neon-${createHash('sha256').update(path).digest('hex').slice(0, 24)}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  const inside = join(path, 'lock.sock')
  return inside.length <= MAX_SOCKET_PATH ? inside : join(tmpdir(), `${name}.sock`)
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(address, () => {
      server.unref()
      resolve(server)
    })
  })
}

function isAlive(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
