/** A redis-server that is not there, or goes away. */

import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { send, startServer, testRedisUrl } from './support/start.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

test('no redis-server: one line that names REDIS_URL and the host, not the password', async () => {
  const redisUrl = 'redis://user:secret@127.0.0.1:1/0'
  const error: Error = await startServer({ redisUrl }).then(
    () => expect.fail('started'),
    (reason) => reason,
  )
  expect(error.message).toMatch(/^REDIS_URL: no redis-server answers at 127\.0\.0\.1:1 \(.*\)$/)
  expect(error.message).not.toMatch(/secret|user|\n/)
})

describe.skipIf(!process.env.REDIS_URL)('redis-server goes away (needs REDIS_URL)', () => {
  test('errors are quick, and it comes back by itself', async () => {
    const proxy = await startProxy()
    const target = new URL(testRedisUrl(11))
    target.host = `127.0.0.1:${proxy.port}`
    const server = await startServer({ redisUrl: target.href })
    closing.push(() => server.close(), proxy.stop)
    expect((await send(server.url, ['SET', 'a', '1'])).status).toBe(200)

    proxy.stop()
    for (const path of ['', '/pipeline', '/multi-exec']) {
      const started = Date.now()
      const command = path ? [['GET', 'a']] : ['GET', 'a']
      const response = await send(`${server.url}${path}`, command)
      expect(response).toMatchObject({
        status: 503,
        body: { error: expect.stringMatching(/^ERR redis-server is not reachable/) },
      })
      expect(Date.now() - started).toBeLessThan(1_000)
    }

    await proxy.start()
    await expect
      .poll(async () => (await send(server.url, ['GET', 'a'])).status, { timeout: 10_000 })
      .toBe(200)
  })
})

/** A way to the redis-server that can be cut. */
async function startProxy() {
  const target = new URL(process.env.REDIS_URL!)
  const sockets = new Set<Socket>()
  let server: Server
  let port = 0
  const start = () =>
    new Promise<void>((resolve) => {
      server = createServer((client) => {
        const upstream = connect(Number(target.port || 6379), target.hostname)
        for (const socket of [client, upstream]) {
          sockets.add(socket)
          socket.on('error', () => undefined)
          socket.on('close', () => {
            client.destroy()
            upstream.destroy()
          })
        }
        client.pipe(upstream).pipe(client)
      }).listen(port, '127.0.0.1', () => {
        port = (server.address() as { port: number }).port
        resolve()
      })
    })
  const stop = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  await start()
  return { port, start, stop }
}
