/** The data of the embedded Redis over restarts, as its own process. */

import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forkServer, send, startServer, TOKEN } from './support/start.ts'

let directory: string
let persistTo: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'upstash-'))
  persistTo = join(directory, 'data', 'redis.log')
})
afterEach(() => rmSync(directory, { recursive: true }))

async function start() {
  const { child, report } = await forkServer({ token: TOKEN, persistTo })
  if (report.type !== 'ready') throw new Error(report.message)
  return { url: report.url, child }
}

test('what was acknowledged survives kill -9', async () => {
  const first = await start()
  const acknowledged: number[] = []
  const writing = (async () => {
    for (let i = 0; ; i += 1) {
      await send(first.url, ['RPUSH', 'list', i])
      acknowledged.push(i)
    }
  })().catch(() => undefined)
  await send(first.url, ['SET', 'ttl', 'x', 'EX', 1000])
  await send(first.url, [
    'EVAL',
    "redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[1])",
    1,
    'n',
  ])
  await send(first.url, ['ZADD', 'z', 'inf', 'a', 1.5, 'b'])
  await send(first.url, ['XADD', 'x', '*', 'f', 'ü'])
  const id = (await send(first.url, ['XRANGE', 'x', '-', '+'])).body.result
  await expect.poll(() => acknowledged.length).toBeGreaterThan(100)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  await writing

  const second = await start()
  const { result } = (await send(second.url, ['LRANGE', 'list', 0, -1])).body
  expect(result.slice(0, acknowledged.length).map(Number)).toEqual(acknowledged)
  expect((await send(second.url, ['GET', 'n'])).body.result).toBe('2')
  expect((await send(second.url, ['TTL', 'ttl'])).body.result).toBeGreaterThan(900)
  expect((await send(second.url, ['ZRANGE', 'z', 0, -1, 'WITHSCORES'])).body.result).toEqual([
    'b',
    '1.5',
    'a',
    'inf',
  ])
  expect((await send(second.url, ['XRANGE', 'x', '-', '+'])).body.result).toEqual(id)

  second.child.send({ type: 'stop' })
  const [code] = await once(second.child, 'exit')
  expect(code).toBe(0)
  const third = await start()
  expect((await send(third.url, ['LLEN', 'list'])).body.result).toBe(result.length)
  third.child.kill('SIGKILL')
  await once(third.child, 'exit')
})

test('a line that was cut off is dropped, a damaged one is reported', async () => {
  const first = await startServer({ persistTo })
  await send(first.url, ['SET', 'a', '1'])
  await first.close()
  appendFileSync(persistTo, '[[1700000000000,"SET","b"')
  const second = await startServer({ persistTo })
  expect((await send(second.url, ['MGET', 'a', 'b'])).body.result).toEqual(['1', null])
  await second.close()
  writeFileSync(persistTo, `broken\n${readFileSync(persistTo, 'utf8')}`)
  await expect(startServer({ persistTo })).rejects.toThrow(/line 1 is damaged/)
})

test('a transaction is one line of the log, so that it is loaded as a whole or not at all', async () => {
  const server = await startServer({ persistTo })
  const before = readFileSync(persistTo, 'utf8').split('\n').length
  await fetch(`${server.url}/multi-exec`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify([
      ['SET', 'a', 1],
      ['SET', 'b', 2],
    ]),
  })
  expect(readFileSync(persistTo, 'utf8').split('\n')).toHaveLength(before + 1)
  await server.close()
})
