/** The protocol through Upstash's own client, with its defaults. */

import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningPart } from '../../../dev/stack/part.ts'
import { backends, startServer, TOKEN } from './support/start.ts'

for (const { name, available, options } of backends(13)) {
  describe.skipIf(!available)(`@upstash/redis in front of ${name}`, () => {
    let server: RunningPart
    let redis: Redis

    beforeAll(async () => {
      server = await startServer(options())
      redis = new Redis({ url: server.url, token: TOKEN, retry: { retries: 0 } })
      await redis.flushdb()
    })
    afterAll(() => server?.close())

    test('strings and their options, which the client sends in lower case', async () => {
      expect(await redis.set('lock', 'one', { nx: true, px: 60_000 })).toBe('OK')
      expect(await redis.set('lock', 'two', { nx: true, ex: 60 })).toBeNull()
      expect(await redis.get('lock')).toBe('one')
      expect(await redis.set('lock', 'three', { xx: true, get: true, keepTtl: true })).toBe('one')
      expect(await redis.pttl('lock')).toBeGreaterThan(50_000)
      expect(await redis.getdel('lock')).toBe('three')
      expect(await redis.set('json', { a: [1, 'ü'] })).toBe('OK')
      expect(await redis.get('json')).toEqual({ a: [1, 'ü'] })
    })

    test('counters', async () => {
      expect(await redis.incr('n')).toBe(1)
      expect(await redis.incrby('n', 41)).toBe(42)
      expect(await redis.incrbyfloat('f', 0.1)).toBe(0.1)
      await redis.set('text', 'abc')
      await expect(redis.incr('text')).rejects.toThrow('value is not an integer or out of range')
    })

    test('hashes', async () => {
      expect(await redis.hset('h', { a: 1, b: 'two' })).toBe(2)
      expect(await redis.hgetall('h')).toEqual({ a: 1, b: 'two' })
      expect(await redis.hmget('h', 'a', 'c')).toEqual({ a: 1, c: null })
      expect(await redis.hincrby('h', 'a', 2)).toBe(3)
      await expect(redis.get('h')).rejects.toThrow('WRONGTYPE')
    })

    test('sets and sorted sets', async () => {
      await redis.sadd('s', 'a', 'b')
      expect((await redis.smembers('s')).sort()).toEqual(['a', 'b'])
      await redis.zadd('z', { score: 1, member: 'one' }, { score: 2.5, member: 'two' })
      expect(await redis.zrange('z', 0, -1, { withScores: true })).toEqual(['one', 1, 'two', 2.5])
      expect(await redis.zrange('z', 3, 0, { byScore: true, rev: true })).toEqual(['two', 'one'])
      expect(await redis.zpopmin('z')).toEqual(['one', 1])
    })

    test('lists and scans', async () => {
      await redis.rpush('l', 'a', 'b', 'c')
      expect(await redis.lrange('l', 0, -1)).toEqual(['a', 'b', 'c'])
      for (let i = 0; i < 50; i += 1) await redis.set(`scan:${i}`, i)
      const seen = new Set<string>()
      let cursor = '0'
      do {
        const [next, keys] = await redis.scan(cursor, { match: 'scan:*', count: 7 })
        for (const key of keys) seen.add(key)
        cursor = next
      } while (cursor !== '0')
      expect(seen.size).toBe(50)
    })

    test('streams with a consumer group', async () => {
      const id = await redis.xadd('usage', '*', { tokens: 5 })
      await redis.xgroup('usage', { type: 'CREATE', group: 'g', id: '0' })
      const read = (await redis.xreadgroup('g', 'c', 'usage', '>')) as [
        string,
        [string, string[]][],
      ][]
      expect(read[0]![1][0]![0]).toBe(id)
      expect(await redis.xack('usage', 'g', id)).toBe(1)
      expect(await redis.xlen('usage')).toBe(1)
    })

    test('pipelines and transactions', async () => {
      const pipeline = redis.pipeline()
      pipeline.set('p', 1)
      pipeline.incr('p')
      expect(await pipeline.exec()).toEqual(['OK', 2])
      const transaction = redis.multi()
      transaction.incr('p')
      transaction.get('p')
      expect(await transaction.exec()).toEqual([3, 3])
    })

    test('scripts', async () => {
      const source = `return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])} -- ${name}`
      const script = redis.createScript<[string, string, number]>(source)
      // The first call finds no script and sends the source.
      expect(await script.exec(['counter'], ['x'])).toEqual(['counter', 'x', 1])
      expect(await script.exec(['counter'], ['x'])).toEqual(['counter', 'x', 2])
    })

    test('subscriptions', async () => {
      const subscriber = redis.subscribe<string>('events')
      const message = new Promise((resolve) =>
        subscriber.on('message', ({ message }) => resolve(message)),
      )
      await new Promise((resolve) => subscriber.on('subscribe', resolve))
      await redis.publish('events', 'hello')
      expect(await message).toBe('hello')
      await subscriber.unsubscribe()
    })
  })
}
