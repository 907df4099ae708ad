import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChaosProxy, chaosProxy } from '../../support/chaos.ts'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { makeDue, redisOf } from '../../support/redis.ts'
import { fireCron, newPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const EVERY_FIVE_MINUTES = '*/5 * * * *'
const MARKERS = ['plugin-provisioning', 'plugin-deletion', 'mail', 'ended-bans']

/** Nobody else's mails, bans and provisioning: a stack of its own. */
let own: OwnStack
let database: ChaosProxy
let worker: OwnWorker
let redis: ReturnType<typeof redisOf>

beforeAll(async () => {
  own = await ownStack({ LOG_LEVEL: 'info' })
  redis = redisOf(own.stack.bindings)
  database = await chaosProxy(own.stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  worker = await workerWith(
    { NEON_FETCH_ENDPOINT: database.url, LOG_LEVEL: 'info' },
    own.stack.bindings,
  )
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await database?.[Symbol.asyncDispose]()
  await own?.[Symbol.asyncDispose]()
})

/** Lets cron run. @returns how many requests reached the database */
async function run(): Promise<number> {
  database.requests.length = 0
  await fireCron(EVERY_FIVE_MINUTES, worker.url)
  return database.requests.length
}

const noted = (job: string) => redis<string | null>('GET', `once:${job}-due`)

/** Until all that has been begun is done and cron finds nothing more. */
const settle = () => waitFor(async () => (await run()) === 0)

describe('cron every five minutes', () => {
  it('looks at everything the first time, and leaves an idle database asleep afterwards', async () => {
    expect(await run()).toBeGreaterThan(0)
    await settle()
    for (let tick = 0; tick < 3; tick++) expect(await run()).toBe(0)
    await redis('DEL', ...MARKERS.map((job) => `once:${job}-swept`))
    expect(await run()).toBeGreaterThan(0)
    expect(await run()).toBe(0)
  })

  it('lets the database sleep again after somebody has registered', async () => {
    await newPerson(worker.url)
    expect(await run()).toBeGreaterThan(0)
    await settle()
    expect(await run()).toBe(0)
  })

  it('looks again after a run that the database did not serve', async () => {
    await settle()
    await makeDue('ended-bans', redis)
    database.fault = 'refused'
    await run()
    database.fault = 'none'
    expect(await noted('ended-bans')).not.toBeNull()
    expect(await run()).toBeGreaterThan(0)
    await settle()
  })

  it('finds a ban that ends, at its moment and not before', async () => {
    const person = await newPerson(worker.url)
    await settle()
    const until = new Date(Date.now() + 3_600_000)
    await own.sql`update users set is_active = false, banned_at = now(), banned_until = ${until}
      where id = ${person.id}`
    await makeDue('ended-bans', redis)
    await run()
    expect(Number(await noted('ended-bans'))).toBe(until.getTime())
    expect(await run()).toBe(0)
    await own.sql`update users set banned_until = now() - interval '1 second' where id = ${person.id}`
    await makeDue('ended-bans', redis)
    await run()
    const [row] = await own.sql`select is_active from users where id = ${person.id}`
    expect(row).toEqual({ is_active: true })
    expect(await noted('ended-bans')).toBeNull()
  })

  it('deletes a plug-in user whose deletion failed at first', async () => {
    const person = await newPerson(worker.url)
    await waitFor(async () => {
      const [row] = await own.sql`select state from plugin_accounts where user_id = ${person.id}`
      return row?.state === 'ready'
    })
    await own.sql`insert into plugin_deletions
      (plugin_name, plugin_user_id, attempts, next_attempt_at, created_at)
      select plugin_name, plugin_user_id, 1, now() + interval '1 hour', now()
      from plugin_accounts where user_id = ${person.id}`
    await makeDue('plugin-deletion', redis)
    await run()
    expect(Number(await noted('plugin-deletion'))).toBeGreaterThan(Date.now() + 3_000_000)
    await own.sql`update plugin_deletions set next_attempt_at = now()`
    await makeDue('plugin-deletion', redis)
    await run()
    expect(await own.sql`select 1 from plugin_deletions`).toEqual([])
    expect(await noted('plugin-deletion')).toBeNull()
  })
})
