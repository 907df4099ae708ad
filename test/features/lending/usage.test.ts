import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHAT, MODEL } from '../../support/chat.ts'
import { redis } from '../../support/redis.ts'
import { bringAccount, call, newKey, newPerson, standIn, waitFor } from '../../support/stack.ts'
import {
  API,
  as,
  askedBy,
  type Lender,
  latestRequest,
  newLender,
  type QuotaBody,
} from './support.ts'

interface Row {
  log_id: string
  quota_before: number
  quota_after: number
  quota_consumed: number
  is_shared: number
  consumed_at: string
}

let lender: Lender
let key: string
let broken: string
beforeAll(async () => {
  lender = await newLender(0)
  await bringAccount(lender, 1)
  broken = await bringAccount(lender, 1)
  key = await newKey(lender)
  const json = { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] }
  for (let index = 0; index < 3; index++) await call(CHAT, { token: key, json })
  await standIn('account', { cookie_id: broken, token: 'broken' })
})

describe.each([`${API}/quotas/consumption`, '/api/usage/consumption'])('%s', (path) => {
  const read = (query = '') => as(lender)<Row[]>('GET', path + query)

  it('lists what requests have used, with numbers', async () => {
    const { status, body } = await read()
    expect(status).toBe(200)
    expect(body.data).toHaveLength(3)
    for (const row of body.data) {
      expect(row).toMatchObject({ is_shared: 0, consumed_at: expect.stringMatching(/Z$/) })
      expect(row.quota_before - row.quota_after).toBeCloseTo(row.quota_consumed, 4)
    }
  })

  it('takes a limit, days and moments, and asks for a bounded number', async () => {
    const today = new Date().toISOString().slice(0, 10)
    expect((await read('?limit=2')).body.data).toHaveLength(2)
    expect((await read(`?start_date=${today}&end_date=${today}`)).body.data).toHaveLength(3)
    expect((await read('?end_date=2020-01-01')).body.data).toHaveLength(0)
    expect((await read('?start_date=2020-01-01T00:00:00%2B02:00')).body.data).toHaveLength(3)
    const seq = await latestRequest()
    await read('?start_date=2020-01-01T00:00:00%2B02:00&end_date=2020-01-31')
    // What settles earlier calls asks, too, without a time.
    const asked = (await askedBy(lender, seq)).find(({ query }) => query.includes('start_date'))
    const sent = new URLSearchParams(asked?.query)
    expect(sent.get('start_date')).toBe('2019-12-31T22:00:00.000Z')
    expect(sent.get('end_date')).toBe('2020-01-31T23:59:59.999Z')
    expect(Number(sent.get('limit'))).toBeLessThanOrEqual(100)
  })
})

it('the statistics of a model are numbers, and null over nothing', async () => {
  const stats = (model: string) =>
    as(lender)('GET', `${API}/quotas/consumption/stats/${encodeURIComponent(model)}`)
  expect((await stats(MODEL)).body.data).toEqual({
    total_requests: 3,
    total_quota_consumed: 0.03,
    avg_quota_consumed: expect.closeTo(0.01, 6),
    last_used_at: expect.stringMatching(/Z$/),
  })
  expect((await stats('no/such%model')).body.data).toEqual({
    total_requests: 0,
    total_quota_consumed: null,
    avg_quota_consumed: null,
    last_used_at: null,
  })
})

/** Other tests may have read the shared pool before there was anything in it. */
const readPoolAnew = () =>
  waitFor(async () => {
    await redis('DEL', 'cache:shared-pool')
    const { body } = await as(lender)<{ quotas: unknown[] }>('GET', `${API}/quotas/shared-pool`)
    return body.data.quotas.length > 0
  })

describe('the views over it', () => {
  beforeEach(readPoolAnew)

  it('show pools beside the shared pool', async () => {
    const { body } = await as(lender)<{
      user_quota: { model_name: string; quota: number; max_quota: number }[]
      shared_pool_quota: { quotas: unknown[]; user_consumption: object }
    }>('GET', '/api/usage/quotas')
    const pool = body.data.user_quota.find(({ model_name }) => model_name === MODEL)
    expect(pool).toMatchObject({ quota: expect.any(Number), max_quota: 4 })
    expect(body.data.shared_pool_quota.quotas.length).toBeGreaterThan(0)
    expect(body.data.shared_pool_quota.user_consumption).toMatchObject({ total_requests: 3 })
  })

  it('show all accounts with what they have left, also where one cannot be read', async () => {
    const { status, body } = await as(lender)<
      { cookie_id: string; quotas: QuotaBody[]; quotas_error: { code: string } | null }[]
    >('GET', '/api/usage/accounts')
    expect(status).toBe(200)
    expect(body.data).toHaveLength(3)
    for (const account of body.data) {
      if (account.cookie_id === broken) {
        expect(account).toMatchObject({ quotas: [], quotas_error: { code: 'upstream_error' } })
        continue
      }
      expect(account.quotas_error).toBeNull()
      expect(account.quotas.find(({ model_name }) => model_name === MODEL)?.quota).toEqual(
        expect.any(Number),
      )
    }
  })

  it('sum up', async () => {
    await as(lender)('PUT', `${API}/accounts/${broken}/status`, { status: 0 })
    const summary = await as(lender)('GET', '/api/usage/summary')
    expect(summary.body.data).toMatchObject({
      accounts: { total: 3, active: 2, inactive: 1 },
      user_quotas: {
        [MODEL]: {
          current_quota: expect.any(Number),
          max_quota: expect.any(Number),
          last_recovered_at: expect.stringMatching(/Z$/),
        },
      },
      shared_pool: expect.arrayContaining([
        expect.objectContaining({ model_name: MODEL, total_quota: expect.any(Number) }),
      ]),
    })
    const stats = await as(lender)('GET', '/api/usage/shared-pool/stats')
    expect(stats.body.data).toMatchObject({
      accounts: { total_shared: 2, active_shared: 1, inactive_shared: 1 },
      quotas_by_model: { [MODEL]: { available_cookies: expect.any(Number), status: 1 } },
      user_consumption: { total_requests: 3, private_quota_consumed: 0.03 },
    })
  })

  it('are also for keys, but for the one that names accounts', async () => {
    const ask = (path: string) => call(path, { token: key })
    expect((await ask('/api/usage/summary')).status).toBe(200)
    expect((await ask(`${API}/quotas/user`)).status).toBe(200)
    expect((await ask('/api/usage/accounts')).status).toBe(403)
  })

  it('are empty for somebody who has nothing', async () => {
    const person = await newPerson()
    const summary = await as(person)('GET', '/api/usage/summary')
    expect(summary.body.data).toMatchObject({
      accounts: { total: 0, active: 0, inactive: 0 },
      user_quotas: {},
    })
    expect((await as(person)('GET', '/api/usage/accounts')).body.data).toEqual([])
  })
})
