import { beforeAll, describe, expect, it } from 'vitest'
import { chat } from '../../support/chat.ts'
import { checkBooks, forgetPools, GROUP, grant, newLender, poolOf } from '../../support/quota.ts'
import { bringAccount, call, sql, type TestPerson, waitFor } from '../../support/stack.ts'

type Lender = TestPerson & { key: string; cookieId: string }

/** What a pool recovers while a test runs, in units. */
const LITTLE = 0.02

const ACCOUNTS = '/api/plugin-api/accounts'
const change = async (lender: Lender, field: 'type' | 'status', value: number) => {
  const json = field === 'type' ? { is_shared: value } : { status: value }
  const { status } = await call(`${ACCOUNTS}/${lender.cookieId}/${field}`, {
    method: 'PUT',
    token: lender.token,
    json,
  })
  expect(status).toBe(200)
}

/** Somebody whose pool was drawn from, and holds so much now. */
async function lenderWith(units: number): Promise<Lender> {
  const lender = await newLender()
  await grant(lender, 0.5)
  await chat({ key: lender.key })
  const opened = () => sql`select 1 from quota_ledger where user_id = ${lender.id} and kind = 'use'`
  await waitFor(async () => (await opened()).length === 1)
  await sql`with changed as (
      update quota_pools set balance = ${units * 10_000}, accrued_at = now(), remainder = 0,
        version = version + 1
      where user_id = ${lender.id} and group_name = ${GROUP} returning user_id)
    update quota_ledger set amount = ${units * 10_000} - (
      select sum(amount) from quota_ledger where user_id = ${lender.id} and kind <> 'opening')
    where user_id = (select user_id from changed) and kind = 'opening'`
  await forgetPools(lender)
  return lender
}

/** Ways to take an account out of the pool, and to put it back. */
const TOGGLES: Record<string, (lender: Lender) => Promise<void>> = {
  'taking it back and lending it': async (lender) => {
    await change(lender, 'type', 0)
    await change(lender, 'type', 1)
  },
  'disabling and enabling it': async (lender) => {
    await change(lender, 'status', 0)
    await change(lender, 'status', 1)
  },
  'deleting it and bringing another one': async (lender) => {
    const path = `${ACCOUNTS}/${lender.cookieId}`
    expect((await call(path, { method: 'DELETE', token: lender.token })).status).toBe(200)
    lender.cookieId = await bringAccount(lender, 1)
  },
}

describe.each(Object.keys(TOGGLES))('%s', (name) => {
  const toggle = (lender: Lender) => TOGGLES[name]?.(lender)

  it.each([-0.5, 0])('does not refill a pool that holds %d', async (units) => {
    const lender = await lenderWith(units)
    for (let round = 0; round < 3; round++) await toggle(lender)
    const pool = await poolOf(lender)
    expect(pool.ceiling).toBe(2)
    expect(pool.frozen).toBe(0)
    expect(pool.balance).toBeGreaterThanOrEqual(units)
    expect(pool.balance).toBeLessThan(units + LITTLE)
    if (units < 0) expect((await chat({ key: lender.key })).status).toBe(429)
    await checkBooks(lender)
  })

  it('takes nothing from a full one', async () => {
    const lender = await lenderWith(1.9)
    for (let round = 0; round < 3; round++) await toggle(lender)
    const pool = await poolOf(lender)
    expect(pool.frozen).toBe(0)
    expect(pool.balance).toBeGreaterThanOrEqual(1.9)
    expect(pool.balance).toBeLessThan(1.9 + LITTLE)
    await checkBooks(lender)
  })
})

describe('the ceiling', () => {
  let lender: Lender
  beforeAll(async () => {
    lender = await lenderWith(1.5)
  })

  it('comes down at once, and what no longer fits is frozen', async () => {
    await change(lender, 'type', 0)
    expect(await poolOf(lender)).toMatchObject({ ceiling: 0, balance: 0, recovers_per_hour: 0 })
    expect((await poolOf(lender)).frozen).toBeCloseTo(1.5, 2)
    await checkBooks(lender)
  })

  it('rises at once, and it is there again', async () => {
    await change(lender, 'type', 1)
    const pool = await poolOf(lender)
    expect(pool).toMatchObject({ ceiling: 2, frozen: 0, recovers_per_hour: 0.4 })
    expect(pool.balance).toBeCloseTo(1.5, 2)
    await checkBooks(lender)
  })

  it('rises with every account that is lent, and gives nothing', async () => {
    await bringAccount(lender, 1)
    const pool = await poolOf(lender)
    expect(pool).toMatchObject({ ceiling: 4, frozen: 0, recovers_per_hour: 0.8 })
    expect(pool.balance).toBeCloseTo(1.5, 2)
    await checkBooks(lender)
  })

  it('freezes only what is above it', async () => {
    await sql`with changed as (
        update quota_pools set balance = 35000, version = version + 1
        where user_id = ${lender.id} returning user_id)
      update quota_ledger set amount = 35000 - (
        select sum(amount) from quota_ledger where user_id = ${lender.id} and kind <> 'opening')
      where user_id = (select user_id from changed) and kind = 'opening'`
    await forgetPools(lender)
    await change(lender, 'status', 0)
    const pool = await poolOf(lender)
    expect(pool).toMatchObject({ ceiling: 2, balance: 2 })
    expect(pool.frozen).toBeCloseTo(1.5, 2)
    await change(lender, 'status', 1)
    expect((await poolOf(lender)).balance).toBeCloseTo(3.5, 2)
    await checkBooks(lender)
  })

  it('of somebody who lends nothing any more stops their calls at once', async () => {
    const other = await lenderWith(1.5)
    expect((await chat({ key: other.key })).status).toBe(200)
    await change(other, 'status', 0)
    const { status, error } = await chat({ key: other.key })
    expect({ status, code: error?.code }).toEqual({ status: 403, code: 'no_account' })
  })
})
