/** Upstash's REST protocol, through raw requests. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { backends, fetchJson, READ_ONLY_TOKEN, send, startServer, TOKEN } from './support/start.ts'

for (const { name, available, options } of backends(14)) {
  describe.skipIf(!available)(`REST in front of ${name}`, () => {
    let server: RunningPart
    let url: string

    beforeAll(async () => {
      server = await startServer(options())
      url = server.url
      await send(url, ['FLUSHDB'])
    })
    afterAll(() => server?.close())

    const list = async (path: string, commands: unknown, headers = {}) =>
      fetchJson(`${url}/${path}`, { method: 'POST', body: JSON.stringify(commands), headers })

    test('a command as a JSON array', async () => {
      expect(await send(url, ['set', 'a', 'bär', 'ex', 100])).toMatchObject({
        status: 200,
        body: { result: 'OK' },
      })
      expect((await send(url, ['GET', 'a'])).body).toEqual({ result: 'bär' })
      expect((await send(url, ['SET', 'flag', true])).body).toEqual({ result: 'OK' })
      expect((await send(url, ['MGET', 'flag', 'none'])).body).toEqual({ result: ['true', null] })
    })

    test('a command as a path, with body and query appended', async () => {
      const set = await fetchJson(`${url}/set/p%20q?EX=100&NX`, { method: 'POST', body: 'a b\n' })
      expect(set.body).toEqual({ result: 'OK' })
      expect((await fetchJson(`${url}/get/p%20q`)).body).toEqual({ result: 'a b\n' })
      expect((await fetchJson(`${url}/ttl/p%20q`)).body).toEqual({ result: 100 })
      const again = await fetchJson(`${url}/set/p%20q?NX`, { method: 'PUT', body: 'x' })
      expect(again.body).toEqual({ result: null })
    })

    test('errors of Redis are 400', async () => {
      expect(await send(url, ['NOPE', 'x'])).toMatchObject({
        status: 400,
        body: { error: "ERR unknown command 'NOPE', with args beginning with: 'x' " },
      })
      expect(await send(url, ['GET'])).toMatchObject({
        status: 400,
        body: { error: "ERR wrong number of arguments for 'get' command" },
      })
      expect((await send(url, ['LPUSH', 'a', '1'])).body.error).toMatch(/^WRONGTYPE /)
    })

    test.each([
      ['no JSON', '{'],
      ['no array', '{"a":1}'],
      ['an empty array', '[]'],
      ['a nested array', '[["GET","a"]]'],
      ['null as an argument', '["GET",null]'],
    ])('%s is refused with JSON', async (_, body) => {
      const response = await fetchJson(url, { method: 'POST', body })
      expect(response).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^ERR /) },
      })
    })

    test('tokens', async () => {
      const wrong = { authorization: 'Bearer wrong' }
      expect(await fetchJson(`${url}/get/a`, { headers: wrong })).toMatchObject({
        status: 401,
        body: { error: expect.any(String) },
      })
      const none = await fetch(`${url}/get/a`)
      expect(none.status).toBe(401)
      const byQuery = await fetch(`${url}/get/a?_token=${TOKEN}`)
      expect(await byQuery.json()).toEqual({ result: 'bär' })
    })

    test('the read-only token reads', async () => {
      const headers = { authorization: `Bearer ${READ_ONLY_TOKEN}` }
      expect((await send(url, ['GET', 'a'], headers)).body).toEqual({ result: 'bär' })
      for (const command of [
        ['SET', 'a', '1'],
        ['EVAL', 'return 1', 0],
        ['FLUSHALL'],
        ['SETBIT', 'a', 1, 1],
      ]) {
        const refused = await send(url, command, headers)
        expect(refused).toMatchObject({
          status: 400,
          body: { error: expect.stringMatching(/^NOPERM /) },
        })
      }
      const mixed = await list(
        'pipeline',
        [
          ['GET', 'a'],
          ['DEL', 'a'],
        ],
        headers,
      )
      expect(mixed.body).toEqual([{ result: 'bär' }, { error: expect.stringMatching(/^NOPERM /) }])
      const all = await list(
        'multi-exec',
        [
          ['GET', 'a'],
          ['DEL', 'a'],
        ],
        headers,
      )
      expect(all.status).toBe(400)
      expect((await send(url, ['EXISTS', 'a'])).body).toEqual({ result: 1 })
    })

    test('other methods are 405', async () => {
      const response = await fetchJson(`${url}/get/a`, { method: 'DELETE' })
      expect(response).toMatchObject({ status: 405, body: { error: expect.any(String) } })
      expect((await fetchJson(`${url}/pipeline`)).status).toBe(405)
      const head = await fetchJson(`${url}/get/a`, { method: 'HEAD' })
      expect(head.status).toBe(200)
    })

    test('a pipeline goes on after an error', async () => {
      const response = await list('pipeline', [
        ['SET', 'n', 1],
        ['LPUSH', 'n', 'x'],
        ['INCR', 'n'],
        ['NOPE'],
      ])
      expect(response.status).toBe(200)
      expect(response.body).toEqual([
        { result: 'OK' },
        { error: expect.stringMatching(/^WRONGTYPE/) },
        { result: 2 },
        { error: expect.stringMatching(/unknown command/) },
      ])
    })

    test('a transaction is discarded as a whole, or runs as a whole', async () => {
      const discarded = await list('multi-exec', [['INCR', 'n'], ['NOPE']])
      expect(discarded).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^ERR unknown command 'NOPE'/) },
      })
      expect((await send(url, ['GET', 'n'])).body).toEqual({ result: '2' })
      const run = await list('multi-exec', [
        ['INCR', 'n'],
        ['LPUSH', 'n', 'x'],
        ['INCR', 'n'],
      ])
      expect(run.status).toBe(200)
      expect(run.body).toEqual([
        { result: 3 },
        { error: expect.stringMatching(/^WRONGTYPE/) },
        { result: 4 },
      ])
    })

    test('transactions do not mix', async () => {
      await send(url, ['DEL', 'mix'])
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          list('multi-exec', [
            ['RPUSH', 'mix', i],
            ['RPUSH', 'mix', i],
          ]),
        ),
      )
      const { result } = (await send(url, ['LRANGE', 'mix', 0, -1])).body
      expect(result).toHaveLength(40)
      for (let i = 0; i < 40; i += 2) expect(result[i]).toBe(result[i + 1])
    })

    test('base64 for every string but OK', async () => {
      const headers = { 'upstash-encoding': 'base64' }
      const b64 = (text: string) => Buffer.from(text).toString('base64')
      expect((await send(url, ['SET', 'b', 'ü'], headers)).body).toEqual({ result: 'OK' })
      expect((await send(url, ['GET', 'b'], headers)).body).toEqual({ result: b64('ü') })
      expect((await send(url, ['STRLEN', 'b'], headers)).body).toEqual({ result: 2 })
      expect((await send(url, ['EVAL', 'return {1, {"x"}, false}', 0], headers)).body).toEqual({
        result: [1, [b64('x')], null],
      })
      expect((await send(url, ['NOPE'], headers)).body.error).toMatch(/^ERR unknown command/)
    })

    test('binary values survive', async () => {
      const bytes = Buffer.from([0, 255, 13, 10, 128, 34])
      await fetchJson(`${url}/set/bin`, { method: 'POST', body: bytes })
      const { body } = await send(url, ['GET', 'bin'], { 'upstash-encoding': 'base64' })
      expect(Buffer.from(body.result, 'base64')).toEqual(bytes)
    })

    test('RESP2', async () => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'upstash-response-format': 'resp2' }
      await send(url, ['SET', 'r', 'ü'])
      const response = await fetch(`${url}/mget/r/none`, { headers })
      expect(response.headers.get('content-type')).toBe('application/octet-stream')
      expect(await response.text()).toBe('*2\r\n$2\r\nü\r\n$-1\r\n')
      const both = await fetch(`${url}/get/r`, {
        headers: { ...headers, 'upstash-encoding': 'base64' },
      })
      expect(both.status).toBe(400)
      expect((await list('multi-exec', [['GET', 'r']], headers)).status).toBe(400)
    })

    test('the sync token changes with writes', async () => {
      const token = async (command: unknown[]) =>
        (await send(url, command, { 'upstash-sync-token': '' })).headers.get('upstash-sync-token')
      const before = await token(['GET', 'a'])
      expect(await token(['GET', 'a'])).toBe(before)
      expect(await token(['SET', 'st', '1'])).not.toBe(before)
    })

    test('published messages arrive as events', async () => {
      const channels = await fetch(`${url}/subscribe/news/other`, {
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
      })
      const patterns = await fetch(`${url}/psubscribe/ne*`, {
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' },
      })
      expect(channels.headers.get('content-type')).toBe('text/event-stream')
      expect((await fetchJson(`${url}/publish/news/hello`)).body).toEqual({ result: 2 })
      await expect(until(channels, /message/)).resolves.toBe(
        'data: subscribe,news,1\n\ndata: subscribe,other,2\n\ndata: message,news,hello\n\n',
      )
      await expect(until(patterns, /pmessage/)).resolves.toBe(
        'data: psubscribe,ne*,1\n\ndata: pmessage,ne*,news,hello\n\n',
      )
      await expect
        .poll(async () => (await fetchJson(`${url}/publish/news/nobody`)).body)
        .toEqual({ result: 0 })
    })

    test('the request log shows commands and needs no token', async () => {
      const { seq } = (await (await fetch(`${url}/__requests`)).json()) as { seq: number }
      await list('pipeline', [
        ['GET', 'a'],
        ['SET', 'long', 'x'.repeat(300)],
      ])
      const log = await (await fetch(`${url}/__requests?after=${seq}`)).json()
      expect(log).toEqual({
        seq: seq + 1,
        requests: [
          {
            seq: seq + 1,
            at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
            path: '/pipeline',
            commands: [
              ['GET', 'a'],
              ['SET', 'long', 'x'.repeat(200)],
            ],
          },
        ],
      })
    })

    test('commands that belong to a connection do not exist', async () => {
      for (const command of [['MULTI'], ['SUBSCRIBE', 'x'], ['SELECT', '3'], ['BLPOP', 'x', '0']]) {
        expect((await send(url, command)).body.error).toMatch(/^ERR unknown command/)
      }
      await send(url, ['DEL', 'x'])
      expect((await send(url, ['XREAD', 'BLOCK', 0, 'STREAMS', 'x', '$'])).body).toEqual({
        result: null,
      })
    })
  })
}

test('a body over the limit is refused', async () => {
  const server = await startServer({ maxBodyBytes: 1_000 })
  const response = await send(server.url, ['SET', 'a', 'x'.repeat(2_000)])
  expect(response).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^ERR max request size exceeded. Limit: 1000 bytes/) },
  })
  await server.close()
})

test('MONITOR shows commands', async () => {
  const server = await startServer()
  const response = await fetch(`${server.url}/monitor`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  await send(server.url, ['SET', 'a', '1'])
  expect(await until(response, /SET/)).toMatch(/^data: "OK"\n\ndata: [\d.]+ \[.*\] "SET" "a" "1"/)
  await server.close()
})

/** Reads events until they match, then hangs up. */
async function until(response: Response, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of response.body!) {
    text += Buffer.from(chunk).toString()
    if (pattern.test(text)) break
  }
  return text
}
