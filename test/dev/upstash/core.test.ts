/** The embedded Redis by itself: time, SCAN's promise, and the log of writes. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RedisCore } from '../../../dev/upstash/core/core.ts'
import { restoreEntry, storeEntry } from '../../../dev/upstash/core/stored-entry.ts'
import { plain } from './support/compare.ts'
import { sequence } from './support/sequences.ts'

test('keys expire when their time has passed', () => {
  let now = 10_000
  const core = new RedisCore({ now: () => now })
  const run = (...command: string[]) => plain(core.execute(command))
  run('SET', 'a', '1', 'PX', '100')
  run('SET', 'b', '1', 'EX', '1')
  now += 100
  expect(run('PTTL', 'a')).toBe(0)
  expect(run('GET', 'a')).toBe('1')
  now += 1
  expect(run('GET', 'a')).toBeNull()
  expect(run('PTTL', 'a')).toBe(-2)
  expect(run('TTL', 'b')).toBe(1)
  now += 10_000
  expect(run('INCR', 'b')).toBe(1)
  expect(run('TTL', 'b')).toBe(-1)
})

test.each([['INCR'], ['INCRBYFLOAT', '1'], ['APPEND', '1'], ['SETRANGE', '0', '1']])(
  '%s keeps the expiry, SET does not',
  (name, ...args) => {
    const core = new RedisCore()
    core.execute(['SET', 'n', '1', 'EX', '100'])
    core.execute([name!, 'n', ...args])
    expect(core.execute(['TTL', 'n'])).toBe(100)
    core.execute(['SET', 'n', '1'])
    expect(core.execute(['TTL', 'n'])).toBe(-1)
  },
)

test('sweeping gives back the memory of expired keys', () => {
  let now = 10_000
  const core = new RedisCore({ now: () => now })
  core.execute(['SET', 'a', '1', 'PX', '100'])
  now += 200
  core.sweep()
  expect(core.db.entries.size).toBe(0)
})

test('SCAN finds all that stays, while others come and go', () => {
  const core = new RedisCore()
  for (let i = 0; i < 300; i += 1) core.execute(['SADD', 's', `stays:${i}`, `goes:${i}`])
  const seen = new Set<string>()
  let cursor = '0'
  let round = 0
  do {
    const reply = plain(core.execute(['SSCAN', 's', cursor, 'COUNT', '10'])) as [string, string[]]
    cursor = reply[0]
    for (const member of reply[1]) seen.add(member)
    core.execute(['SREM', 's', `goes:${round}`])
    core.execute(['SADD', 's', `new:${round}`])
    round += 1
  } while (cursor !== '0')
  expect(round).toBeGreaterThan(20)
  expect([...seen].filter((member) => member.startsWith('stays:'))).toHaveLength(300)
})

test('the log of writes removes the members that SPOP took', () => {
  const core = new RedisCore()
  for (let i = 0; i < 50; i += 1) core.execute(['SADD', 's', `m${i}`])
  core.execute(['SPOP', 's', '20'])
  core.execute(['SPOP', 's'])
  const replayed = new RedisCore()
  for (const record of core.takeRecords()) replayed.replay(record)
  expect(snapshot(replayed)).toEqual(snapshot(core))
})

test('the log of writes and the snapshot each give the same keys again', () => {
  fc.assert(
    fc.property(sequence, (commands) => {
      let now = 1_700_000_000_000
      const core = new RedisCore({ now: () => (now += 7), strictKeys: false })
      for (const command of commands) core.execute(command)
      const replayed = new RedisCore({ strictKeys: false })
      for (const record of core.takeRecords()) replayed.replay(JSON.parse(JSON.stringify(record)))
      expect(snapshot(replayed)).toEqual(snapshot(core))
      const restored = new RedisCore()
      for (const entry of snapshot(core))
        restoreEntry(restored.db, JSON.parse(JSON.stringify(entry)))
      expect(snapshot(restored)).toEqual(snapshot(core))
    }),
    { numRuns: 300 },
  )
})

function snapshot(core: RedisCore) {
  return [...core.db.entries]
    .filter(([key]) => core.db.entry(key))
    .map(([key, entry]) => storeEntry(key, entry))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}
