import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MODEL } from '../../support/chat.ts'
import { call, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { type Lender, type ReserveStack, reserveStack } from './reserve-support.ts'

let world: ReserveStack
let lender: Lender

beforeAll(async () => {
  world = await reserveStack()
})
afterAll(() => world?.[Symbol.asyncDispose]())
afterEach(async () => {
  await world.control('reset-armed', {})
  await world.remove(lender)
})

/** What must not change however often the account is held back and shared again. */
async function standing() {
  const { ceiling, recovers_per_hour, pools } = await world.quotas(lender)
  return { ceiling, recovers_per_hour, pools: pools.map(({ balance, frozen, ...rest }) => rest) }
}

describe('without a reserve', () => {
  it('nothing is held back, however little is left', async () => {
    await using worker = await workerWith({ LENDER_RESERVE: '' }, world.bindings)
    lender = await world.newLender()
    await world.use(world.borrower, lender, 1, worker.url)
    await world.use(world.borrower, lender, 2, worker.url)
    await world.use(world.borrower, lender, 3, worker.url)
    // Whether there is anything due, cron asks for models that came to their end, too.
    await world.cron(worker.url)
    expect(await world.isShared(lender)).toBe(true)
    expect(await world.switches(lender)).toEqual([])
    expect(await world.rowOf(lender)).toMatchObject({ user_id: lender.id, hold: null })
    expect(await world.view(lender)).toMatchObject({ is_shared: 1, held_back: false })
  })
})

describe('an account that comes down to the reserve', () => {
  it('is its owner’s alone without anybody waiting for cron', async () => {
    lender = await world.newLender(0.35)
    await world.use(world.borrower, lender)
    expect(await world.rowOf(lender)).toMatchObject({ hold: null, look_at: null })
    expect(await world.isShared(lender)).toBe(true)

    await world.use(world.borrower, lender, 2)
    await waitFor(async () => !(await world.isShared(lender)))
    await waitFor(async () => (await world.rowOf(lender))?.hold === 'held')
    expect(await world.rowOf(lender)).toMatchObject({ model: MODEL, quota_left: 1_500 })

    expect((await world.chat(world.borrower)).status).toBeGreaterThanOrEqual(400)
    await world.use(lender, lender, 3)
    const uses = await world.consumed(lender)
    expect(uses.map(({ user_id, is_shared }) => ({ user_id, is_shared }))).toEqual([
      { user_id: world.borrower.id, is_shared: true },
      { user_id: world.borrower.id, is_shared: true },
      { user_id: lender.id, is_shared: false },
    ])
  })

  it('lets its owner through who has nothing else to draw from', async () => {
    lender = await world.newLender()
    await world.grant(lender, 0)
    expect((await world.chat(lender)).status).toBe(429)
    await world.use(world.borrower, lender)
    await waitFor(async () => (await world.rowOf(lender))?.hold === 'held')
    await waitFor(async () => (await world.chat(lender)).status === 200)
  })

  it('shows why, and stays lent in the eyes of its owner', async () => {
    lender = await world.heldLender(world.borrower)
    const views = [
      await world.view(lender),
      ...(await world.listed(lender)),
      ...(await world.listed(lender, '/api/usage/accounts')),
    ]
    expect(views).toHaveLength(3)
    for (const { is_shared, held_back, health } of views) {
      expect({ is_shared, held_back, state: health.state }).toEqual({
        is_shared: 1,
        held_back: true,
        state: 'ok',
      })
      const [reason] = health.reasons
      expect(reason).toMatchObject({ code: 'held_back', model: MODEL })
      expect(reason?.message).toContain('15 %')
      expect(Date.parse(reason?.until ?? '')).toBeGreaterThan(Date.now())
    }
  })

  it('is found although nobody has told us whose it is', async () => {
    lender = await world.newLender()
    await world.sql`delete from lent_accounts where cookie_id = ${lender.cookieId}`
    await world.use(world.borrower, lender)
    await waitFor(async () => (await world.rowOf(lender))?.hold === 'held')
    expect(await world.rowOf(lender)).toMatchObject({ user_id: lender.id })
    expect(await world.isShared(lender)).toBe(false)
  })
})

describe('an account that is held back', () => {
  it('is shared again when its quota is back, and not before; the ledger never moves', async () => {
    lender = await world.newLender()
    await world.grant(lender, 0.5)
    const before = await standing()
    await world.use(world.borrower, lender)
    await waitFor(async () => (await world.rowOf(lender))?.hold === 'held')
    const { accounts, pools } = await world.quotas(lender)
    expect(accounts).toEqual({ shared: 1, dedicated: 0, held_back: 1 })
    expect(pools[0]?.balance).toBeCloseTo(0.5, 2)
    expect(pools[0]?.frozen).toBe(0)
    expect(await standing()).toEqual(before)

    await world.lookNow(lender)
    expect(await world.isShared(lender)).toBe(false)
    expect(await world.rowOf(lender)).toMatchObject({ hold: 'held', attempts: 0 })

    await world.reset(lender)
    await world.cron()
    expect(await world.isShared(lender)).toBe(false)
    await world.lookNow(lender)
    expect(await world.isShared(lender)).toBe(true)
    expect(await world.rowOf(lender)).toMatchObject({ hold: null, look_at: null })
    expect(await world.view(lender)).toMatchObject({ is_shared: 1, held_back: false })
    const after = await world.quotas(lender)
    expect(after.accounts).toEqual({ shared: 1, dedicated: 0, held_back: 0 })
    expect(after.pools[0]?.balance).toBeCloseTo(0.5, 2)
    expect(await standing()).toEqual(before)
    expect(await world.switches(lender)).toEqual([0, 1])
    await world.use(world.borrower, lender, 2)
  })

  it('is shared again at its next look when the operator gives up the reserve', async () => {
    lender = await world.heldLender(world.borrower)
    await using worker = await workerWith({ LENDER_RESERVE: '0' }, world.bindings)
    await world.lookNow(lender, worker.url)
    expect(await world.isShared(lender)).toBe(true)
    expect(await world.rowOf(lender)).toMatchObject({ hold: null })
  })

  it('stays so, and lent, however often the ledger hears of the list', async () => {
    lender = await world.heldLender(world.borrower)
    for (let round = 0; round < 3; round++) await world.listed(lender)
    const holder = () => world.sql`select shared_accounts as shared, held_back_accounts as held
      from quota_holders where user_id = ${lender.id}`
    await waitFor(async () => (await world.redis('EXISTS', `lock:accounts:${lender.id}`)) === 0)
    expect(await holder()).toEqual([{ shared: 1, held: 1 }])
    expect(await world.rowOf(lender)).toMatchObject({ hold: 'held' })
  })
})

describe('the owner’s hand', () => {
  it('takes it back for good', async () => {
    lender = await world.heldLender(world.borrower)
    expect((await world.set(lender, 0)).status).toBe(200)
    expect(await world.rowOf(lender)).toBeUndefined()
    await world.reset(lender)
    await world.cron()
    expect(await world.isShared(lender)).toBe(false)
    expect(await world.view(lender)).toMatchObject({ is_shared: 0, held_back: false })
    expect(await world.quotas(lender)).toMatchObject({
      ceiling: 0,
      accounts: { shared: 0, dedicated: 1, held_back: 0 },
    })
  })

  it('lends it to the last, until its quota has been back', async () => {
    lender = await world.heldLender(world.borrower)
    expect((await world.set(lender, 1)).status).toBe(200)
    expect(await world.rowOf(lender)).toMatchObject({ hold: 'waived', look_at: null })
    expect(await world.view(lender)).toMatchObject({ is_shared: 1, held_back: false })
    await world.use(world.borrower, lender, 2)
    await world.cron()
    expect(await world.isShared(lender)).toBe(true)

    await world.sql`update lent_accounts set held_until = now() - interval '1 minute'
      where cookie_id = ${lender.cookieId}`
    const quotas = { live: { [MODEL]: 0.25 }, stored: { [MODEL]: 0.25 } }
    await world.control('account', { cookie_id: lender.cookieId, ...quotas })
    await world.use(world.borrower, lender, 3)
    await waitFor(async () => !(await world.isShared(lender)))
  })

  it('deletes it, and nothing is left of it', async () => {
    lender = await world.heldLender(world.borrower)
    expect((await world.remove(lender)).status).toBe(200)
    expect(await world.rowOf(lender)).toBeUndefined()
    await world.cron()
    expect(await world.quotas(lender)).toMatchObject({
      ceiling: 0,
      accounts: { shared: 0, dedicated: 0, held_back: 0 },
    })
  })
})

describe('before an AI service that cannot take an account back', () => {
  beforeAll(() => world.control('config', { version: 'N' }))
  afterAll(() => world.control('config', { version: 'A' }))

  const hold = async () => (await world.rowOf(lender))?.hold
  const put = (status: 0 | 1) =>
    call(`/api/plugin-api/accounts/${lender.cookieId}/status`, {
      method: 'PUT',
      token: lender.token,
      json: { status },
      baseUrl: world.baseUrl,
    })

  beforeEach(async () => {
    // What the tests before have drawn of the AI service's own pool.
    const [row] = await world.sql`select plugin_user_id from plugin_accounts
      where user_id = ${world.borrower.id}`
    await world.control('pool', { user_id: row?.plugin_user_id, quota: 2 })
    lender = await world.newLender()
    await world.use(world.borrower, lender)
    await waitFor(async () => (await hold()) === 'off')
  })

  it('it is switched off, lent all the same, and on again when its quota is back', async () => {
    const seen = await world.view(lender)
    expect(seen).toMatchObject({ is_shared: 1, status: 0, held_back: true })
    expect(seen.health.reasons).toMatchObject([
      { code: 'held_back', message: expect.stringContaining('switched off meanwhile') },
    ])
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 2, accounts: { shared: 1 } })
    await world.lookNow(lender)
    expect(await hold()).toBe('off')
    await world.reset(lender)
    await world.lookNow(lender)
    expect(await hold()).toBe(null)
    expect(await world.view(lender)).toMatchObject({ is_shared: 1, status: 1, held_back: false })
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 2, accounts: { shared: 1 } })
  })

  it('a crash before that was written down is made good', async () => {
    await world.sql`update lent_accounts set hold = 'taking' where cookie_id = ${lender.cookieId}`
    await world.listed(lender)
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 2, accounts: { shared: 1 } })
    await world.lookNow(lender)
    expect(await hold()).toBe('off')
    expect(await world.switches(lender)).toEqual([0])
  })

  it.each([
    ['who switches it on lends it to the last', () => put(1)],
    ['who lends it lends it to the last', () => world.set(lender, 1)],
  ] as const)('an owner %s', async (_, lend) => {
    expect((await lend()).status).toBe(200)
    expect(await hold()).toBe('waived')
    expect(await world.view(lender)).toMatchObject({ status: 1, held_back: false })
  })

  it.each([
    ['who switches it off has it stay so', () => put(0)],
    ['who takes it back has it stay so', () => world.set(lender, 0)],
  ] as const)('an owner %s', async (_, keep) => {
    expect((await keep()).status).toBe(200)
    expect(await hold()).toBe(null)
    expect(await world.quotas(lender)).toMatchObject({ ceiling: 0, accounts: { shared: 0 } })
    await world.reset(lender)
    await world.lookNow(lender)
    expect(await world.view(lender)).toMatchObject({ status: 0, held_back: false })
  })
})
