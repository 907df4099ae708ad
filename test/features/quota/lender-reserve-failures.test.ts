import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fireCron, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { type Lender, OFTEN, type ReserveStack, reserveStack } from './reserve-support.ts'

let world: ReserveStack
let second: OwnWorker
let lender: Lender

beforeAll(async () => {
  world = await reserveStack()
  second = await workerWith({ LENDER_RESERVE: '0.2' }, world.bindings)
})
afterAll(async () => {
  await second?.[Symbol.asyncDispose]()
  await world?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  await world.control('reset-armed', {})
  await world.remove(lender)
})

const pathOf = (what: '' | '/type' | '/quotas') =>
  what === '' ? '/api/accounts' : `/api/accounts/${lender.cookieId}${what}`

const arm = (failure: string, what: '' | '/type' | '/quotas', options = {}) =>
  world.control('arm', { failure, path: pathOf(what), ...options })

const state = async () => (await world.rowOf(lender))?.hold

/** Until what was begun after a chat, or by cron, has come to an end: a later look is noted. */
const putOff = (attempts: number) =>
  waitFor(async () => {
    const row = await world.rowOf(lender)
    const inMs = Date.parse(String(row?.look_at)) - Date.now()
    // A claim is five minutes long.
    return row?.attempts === attempts && Math.abs(inMs - 60_000 * 2 ** (attempts - 1)) < 30_000
  }, 30_000)

/** Somebody whose account has fallen while the plug-in did not serve us. */
async function fallen(failure: string, what: '' | '/type' | '/quotas', options = {}) {
  lender = await world.newLender()
  await arm(failure, what, options)
  await world.use(world.borrower, lender)
  await putOff(1)
}

describe('a plug-in that refuses', () => {
  it.each([
    ['the list', '', 'fallen', 401],
    ['what is left', '/quotas', 'fallen', 500],
    ['the switch', '/type', 'taking', 400],
    ['the switch', '/type', 'taking', 503],
  ] as const)(
    '%s (%s, %s) with %d is asked again later, and only then',
    async (_, what, hold, status) => {
      await fallen('http_error', what, { status })
      expect(await state()).toBe(hold)
      expect(await world.isShared(lender)).toBe(true)
      const asked = await world.control<{ latest: number }>('requests')
      await world.cron()
      await world.cron(second.url)
      const { latest } = await world.control<{ latest: number }>('requests')
      expect(latest).toBe(asked.latest)
      await world.lookNow(lender)
      expect(await state()).toBe('held')
      expect(await world.isShared(lender)).toBe(false)
    },
  )

  it('is asked less and less often', async () => {
    await fallen('http_error', '', { status: 500, times: 3 })
    await world.lookNow(lender)
    await putOff(2)
    await world.lookNow(lender)
    await putOff(3)
    await world.lookNow(lender)
    expect(await world.rowOf(lender)).toMatchObject({ hold: 'held', attempts: 0 })
  })

  it('sharing again', async () => {
    lender = await world.heldLender(world.borrower)
    await world.reset(lender)
    await arm('http_error', '/type', { status: 500 })
    await world.lookNow(lender)
    expect(await state()).toBe('returning')
    expect(await world.view(lender)).toMatchObject({ is_shared: 1, held_back: true })
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 2, accounts: { shared: 1 } })
    await world.lookNow(lender)
    expect(await world.isShared(lender)).toBe(true)
    expect(await world.rowOf(lender)).toMatchObject({ hold: null })
  })
})

it('a plug-in that hangs keeps neither a chat nor cron waiting', { timeout: 60_000 }, async () => {
  lender = await world.newLender()
  await arm('hang', '/quotas')
  const startedAt = Date.now()
  await world.use(world.borrower, lender)
  await world.cron(second.url)
  expect(Date.now() - startedAt).toBeLessThan(5_000)
  await putOff(1)
  await world.lookNow(lender)
  expect(await state()).toBe('held')
})

describe('a crash in the middle', () => {
  const pretend = (hold: string) =>
    world.sql`update lent_accounts set hold = ${hold} where cookie_id = ${lender.cookieId}`

  it('of holding back, after the switch, is confirmed without another one', async () => {
    lender = await world.heldLender(world.borrower)
    await pretend('taking')
    await world.listed(lender)
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 2, accounts: { held_back: 1 } })
    await world.lookNow(lender)
    expect(await state()).toBe('held')
    expect(await world.switches(lender)).toEqual([0])
  })

  it('of sharing again, after the switch, too', async () => {
    lender = await world.heldLender(world.borrower)
    await world.reset(lender)
    await world.set(lender, 1)
    await pretend('returning')
    await world.sql`update lent_accounts set look_at = now() where cookie_id = ${lender.cookieId}`
    // Nor had the ledger been told.
    await world.sql`update quota_holders set dedicated_accounts = 1, held_back_accounts = 1
      where user_id = ${lender.id}`
    const before = await world.switches(lender)
    await world.cron()
    expect(await state()).toBe(null)
    expect((await world.quotas(lender)).accounts).toEqual({ shared: 1, dedicated: 0, held_back: 0 })
    expect(await world.isShared(lender)).toBe(true)
    expect(await world.switches(lender)).toEqual(before)
  })
})

describe('cron twice at once', () => {
  const both = async () => {
    await world.redis('SET', 'once:lender-reserve-due', '0')
    // The second one has to find the note as well.
    await world.redis('DEL', 'once:lender-reserve-swept')
    await Promise.all([fireCron(OFTEN, world.baseUrl), fireCron(OFTEN, second.url)])
  }

  it('switches once, there and back', async () => {
    await fallen('http_error', '/quotas', { status: 500 })
    await world.sql`update lent_accounts set look_at = now() where cookie_id = ${lender.cookieId}`
    await both()
    await waitFor(async () => (await state()) === 'held')
    await world.reset(lender)
    await world.sql`update lent_accounts set look_at = now() where cookie_id = ${lender.cookieId}`
    await both()
    await waitFor(async () => (await state()) === null)
    expect(await world.switches(lender)).toEqual([0, 1])
  })
})

describe('an owner', () => {
  it('without a key at the plug-in is waited for', async () => {
    lender = await world.newLender()
    const [row] = await world.sql`select key_ciphertext from plugin_accounts
      where user_id = ${lender.id}`
    await world.sql`update plugin_accounts set key_ciphertext = null where user_id = ${lender.id}`
    await world.use(world.borrower, lender)
    await putOff(1)
    await world.sql`update plugin_accounts set key_ciphertext = ${row?.key_ciphertext}
      where user_id = ${lender.id}`
    await world.lookNow(lender)
    expect(await state()).toBe('held')
  })

  it('who takes it back before anybody has looked keeps it', async () => {
    await fallen('http_error', '/quotas', { status: 500 })
    await world.set(lender, 0)
    await world.lookNow(lender)
    expect(await world.rowOf(lender)).toBeUndefined()
    expect(await world.switches(lender)).toEqual([0])
  })

  it('who is changing something goes first', async () => {
    lender = await world.newLender()
    const lock = `lock:accounts:${lender.id}`
    await waitFor(async () => (await world.redis('SET', lock, 'me', 'NX', 'PX', 60_000)) === 'OK')
    await world.use(world.borrower, lender)
    await putOff(1)
    expect(await world.switches(lender)).toEqual([])
    await world.redis('DEL', lock)
    await world.lookNow(lender)
    expect(await state()).toBe('held')
  })

  it('who has deleted it at the plug-in itself is not asked about it again', async () => {
    lender = await world.newLender()
    const gone = `${lender.cookieId}-gone`
    await world.sql`insert into lent_accounts (cookie_id, user_id, hold, look_at) values
      (${gone}, ${lender.id}, 'held', now()), (${`${gone}-2`}, null, 'fallen', now())`
    await world.cron()
    expect(
      await world.sql`select cookie_id from lent_accounts
      where cookie_id like ${`${gone}%`}`,
    ).toEqual([])
  })

  it('who leaves takes it along', async () => {
    lender = await world.heldLender(world.borrower)
    await world.sql`delete from users where id = ${lender.id}`
    expect(await world.rowOf(lender)).toBeUndefined()
    await world.cron()
  })
})

it('an account whose quota is back before anybody has looked stays shared', async () => {
  await fallen('http_error', '/quotas', { status: 500 })
  await world.reset(lender)
  await world.lookNow(lender)
  expect(await world.rowOf(lender)).toMatchObject({ hold: null, look_at: null })
  expect(await world.switches(lender)).toEqual([])
})
