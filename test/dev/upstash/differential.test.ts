/** The embedded Redis against a real one: the same random commands must get the same replies. */

import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RedisCore } from '../../../dev/upstash/core/core.ts'
import { RedisError, type Reply } from '../../../dev/upstash/core/reply.ts'
import { campaign } from '../../support/campaign.ts'
import { comparable, type Plain, plain } from './support/compare.ts'
import { sequence } from './support/sequences.ts'

/** A database of its own: nobody else's data is touched. */
const DATABASE = 15
const RUNS = campaign('DIFFERENTIAL_RUNS', { share: 100, full: 400 })
const CHUNK = 100
const KNOWN = new Set([...new RedisCore().table.keys()].map((name) => name.split('|')[0]))

describe.skipIf(!process.env.REDIS_URL)(
  'the embedded Redis answers like redis-server (needs REDIS_URL)',
  () => {
    let redis: Redis

    beforeAll(async () => {
      redis = new Redis(process.env.REDIS_URL!, {
        db: DATABASE,
        lazyConnect: true,
        protocol: 2,
      })
      await redis.connect()
    })

    afterAll(async () => {
      await redis.flushdb()
      redis.disconnect()
    })

    async function real(command: string[]): Promise<Plain> {
      const args = command.slice(1).map((arg) => Buffer.from(arg, 'latin1'))
      try {
        return plain(reply(await redis.callBuffer(wireName(command[0]!), ...args)))
      } catch (error) {
        return `!${(error as Error).message}`
      }
    }

    test(`in ${RUNS} random sequences`, { timeout: 600_000 }, async () => {
      let commands = 0
      for (let done = 0; done < RUNS; done += CHUNK) {
        await fc.assert(
          fc.asyncProperty(sequence, async (all) => {
            await redis.flushdb()
            const core = new RedisCore({ strictKeys: false })
            const expected = await Promise.all(all.map(real))
            for (const [i, command] of all.entries()) {
              const got = comparable(command, plain(core.execute(command)))
              expect({ command, reply: got }).toEqual({
                command,
                reply: comparable(command, expected[i]!),
              })
            }
            commands += all.length
          }),
          { numRuns: Math.min(CHUNK, RUNS - done), endOnFailure: false },
        )
      }
      console.log(`${RUNS} sequences, ${commands} commands`)
    })
  },
)

/** Known names in upper case, since ioredis changes arguments of some that it knows in lower case. */
function wireName(name: string): string {
  return KNOWN.has(name.toLowerCase()) ? name.toUpperCase() : name
}

function reply(value: unknown): Reply {
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (Array.isArray(value)) return value.map(reply)
  if (value instanceof Error) return new RedisError(value.message)
  return value as null | number
}
