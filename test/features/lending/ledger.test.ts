import { describe, expect, it } from 'vitest'
import { chat } from '../../support/chat.ts'
import { grant } from '../../support/quota.ts'
import { redis } from '../../support/redis.ts'
import { bringAccount, newKey, sql, stack, standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { API, as, type Lender, MODEL, newLender } from './support.ts'
import { tamperingPlugin } from './tampering.ts'

interface Holder {
  shared_accounts: number
  dedicated_accounts: number
}

async function holderOf(lender: Lender): Promise<Holder | undefined> {
  const [row] = await sql`select shared_accounts, dedicated_accounts from quota_holders
    where user_id = ${lender.id}`
  return row as Holder | undefined
}
const has = (shared_accounts: number, dedicated_accounts: number) => ({
  shared_accounts,
  dedicated_accounts,
})

describe('the ledger knows at once', () => {
  it('what was brought, lent, taken back, disabled and deleted', async () => {
    const lender = await newLender(1)
    expect(await holderOf(lender)).toEqual(has(1, 0))
    const second = await bringAccount(lender, 0)
    expect(await holderOf(lender)).toEqual(has(1, 1))
    const change = async (path: string, json: unknown) =>
      expect((await as(lender)('PUT', `${API}/accounts/${path}`, json)).status).toBe(200)
    await change(`${second}/type`, { is_shared: 1 })
    expect(await holderOf(lender)).toEqual(has(2, 0))
    await change(`${second}/status`, { status: 0 })
    expect(await holderOf(lender)).toEqual(has(1, 0))
    await change(`${lender.cookieId}/type`, { is_shared: 0 })
    expect(await holderOf(lender)).toEqual(has(0, 1))
    await as(lender)('DELETE', `${API}/accounts/${lender.cookieId}`)
    expect(await holderOf(lender)).toEqual(has(0, 0))
  })
})

describe('the ledger hears of a list', () => {
  it('what the plug-in has changed by itself', async () => {
    const lender = await newLender(1)
    await standIn('account', { cookie_id: lender.cookieId, token: 'invalid_grant' })
    await as(lender)('GET', `${API}/models`)
    expect(await holderOf(lender)).toEqual(has(1, 0))
    await as(lender)('GET', '/api/usage/summary')
    await waitFor(async () => (await holderOf(lender))?.shared_accounts === 0)
  })

  it('but not while somebody changes what is in it', async () => {
    const lender = await newLender(1)
    await using plugin = await tamperingPlugin({ 'GET /api/accounts': () => [] })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    const list = () => as(lender, worker.url)('GET', `${API}/accounts`)
    const lock = `lock:accounts:${lender.id}`
    await waitFor(async () => (await redis('SET', lock, 'somebody', 'NX', 'PX', 30_000)) === 'OK')
    expect((await list()).body.data).toEqual([])
    await redis('DEL', lock)
    // Had the first list been reported, it would be known before the second one is.
    expect(await holderOf(lender)).toEqual(has(1, 0))
    await list()
    await waitFor(async () => (await holderOf(lender))?.shared_accounts === 0)
  })
})

describe('the ledger hears of what a refused call finds', () => {
  it('but not while somebody changes it', async () => {
    const lender = await newLender(1)
    const key = await newKey(lender)
    await grant(lender, 0)
    await using plugin = await tamperingPlugin({ 'GET /api/accounts': () => [] })
    const reasonToRefuse = async () => {
      // Each isolate looks only now and then.
      await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
      return (await chat({ key, baseUrl: worker.url })).error?.code
    }
    const lock = `lock:accounts:${lender.id}`
    await waitFor(async () => (await redis('SET', lock, 'somebody', 'NX', 'PX', 30_000)) === 'OK')
    expect(await reasonToRefuse()).toBe('insufficient_quota')
    expect(await holderOf(lender)).toEqual(has(1, 0))
    await redis('DEL', lock)
    expect(await reasonToRefuse()).toBe('no_account')
    expect(await holderOf(lender)).toEqual(has(0, 0))
  })
})

describe('what an account was used for', () => {
  const used = (lender: Lender) =>
    sql`select model from consumption_rows where user_id = ${lender.id}`

  it('is in the books when the account is deleted, also without a call of ours', async () => {
    const lender = await newLender()
    // Straight at the plug-in: nobody here has heard of it.
    await fetch(`${stack.pluginUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${lender.pluginKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: MODEL,
        stream: false,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    expect(await used(lender)).toEqual([])
    const { status } = await as(lender)('DELETE', `${API}/accounts/${lender.cookieId}`)
    expect(status).toBe(200)
    expect(await used(lender)).toEqual([{ model: MODEL }])
  })

  it('keeps the account when it cannot be copied', async () => {
    const lender = await newLender()
    await standIn('arm', {
      failure: 'http_error',
      path: '/api/quotas/consumption',
      match: lender.pluginKey,
      times: 1,
    })
    const remove = () => as(lender)('DELETE', `${API}/accounts/${lender.cookieId}`)
    expect(await remove()).toMatchObject({ status: 502, body: { code: 'upstream_error' } })
    expect((await as(lender)('GET', `${API}/accounts/${lender.cookieId}`)).status).toBe(200)
    expect((await remove()).status).toBe(200)
  })
})

it('a change that has to wait too long is refused, and may be tried again', async () => {
  const lender = await newLender()
  const lock = `lock:accounts:${lender.id}`
  await waitFor(async () => (await redis('SET', lock, 'somebody', 'NX', 'PX', 30_000)) === 'OK')
  const change = () =>
    as(lender)('PUT', `${API}/accounts/${lender.cookieId}/type`, { is_shared: 1 })
  const refused = await change()
  expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await redis('GET', lock)).toBe('somebody')
  await redis('DEL', lock)
  expect((await change()).status).toBe(200)
})
