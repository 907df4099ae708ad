import { beforeAll, describe, expect, it } from 'vitest'
import { bringAccount, call, newPerson, standIn, waitFor } from '../../support/stack.ts'
import {
  type AccountBody,
  API,
  as,
  askedBy,
  type Lender,
  latestRequest,
  MODEL,
  newLender,
  type QuotaBody,
} from './support.ts'

const one = (lender: Lender, query = '') => `${API}/accounts/${lender.cookieId}${query}`

describe('an account', () => {
  let lender: Lender
  beforeAll(async () => {
    lender = await newLender()
  })

  it('is listed and shown with numbers, times in UTC and its health', async () => {
    const list = await as(lender)<AccountBody[]>('GET', `${API}/accounts`)
    expect(list.status).toBe(200)
    expect(list.body).toMatchObject({ success: true })
    expect(list.body.data).toHaveLength(1)
    expect(list.body.data[0]).toMatchObject({
      cookie_id: lender.cookieId,
      is_shared: 0,
      status: 1,
      expires_at: expect.any(Number),
      created_at: expect.stringMatching(/Z$/),
      last_used_at: null,
      health: { state: 'ok', reasons: [] },
    })
    const single = await as(lender)('GET', one(lender))
    expect(single.body.data).toMatchObject({ cookie_id: lender.cookieId, status: 1 })
    expect(single.body.data).not.toHaveProperty('quotas')
    expect(JSON.stringify([list.body, single.body])).not.toMatch(/project_id|sk-/)
  })

  it('is renamed, also to nothing', async () => {
    for (const name of ['Büro ✨', '']) {
      const { status, body } = await as(lender)('PUT', `${one(lender)}/name`, { name })
      expect(status).toBe(200)
      expect(body.data).toEqual({ cookie_id: lender.cookieId, name })
    }
    for (const name of ['x'.repeat(101), 'a\0b', '\ud800', 5, null])
      expect((await as(lender)('PUT', `${one(lender)}/name`, { name })).status).toBe(422)
  })

  it('is enabled, disabled, lent and taken back, and says so in words', async () => {
    const off = await as(lender)('PUT', `${one(lender)}/status`, { status: 0 })
    expect(off.body).toMatchObject({ data: { cookie_id: lender.cookieId, status: 0 } })
    const { body } = await as(lender)<AccountBody>('GET', one(lender))
    expect(body.data.health).toMatchObject({
      state: 'disabled',
      reasons: [{ code: 'disabled', message: expect.stringContaining(`${one(lender)}/status`) }],
    })
    expect((await as(lender)('PUT', `${one(lender)}/status`, { status: true })).status).toBe(200)
    for (const is_shared of [1, 1, 0]) {
      const lent = await as(lender)('PUT', `${one(lender)}/type`, { is_shared })
      expect(lent.body.data).toEqual({ cookie_id: lender.cookieId, is_shared })
    }
    const after = await as(lender)<AccountBody>('GET', one(lender))
    expect(after.body.data).toMatchObject({ status: 1, is_shared: 0, health: { state: 'ok' } })
  })

  it.each([
    ['status', { status: 2 }],
    ['status', { status: '1' }],
    ['status', {}],
    ['type', { is_shared: -1 }],
    ['type', { is_shared: null }],
  ])('refuses a wrong %s %j before it leaves', async (what, json) => {
    const seq = await latestRequest()
    expect((await as(lender)('PUT', `${one(lender)}/${what}`, json)).status).toBe(422)
    expect(await askedBy(lender, seq)).toEqual([])
  })

  it('says what is left for every model, and why one is not used', async () => {
    await standIn('account', {
      cookie_id: lender.cookieId,
      live: { [MODEL]: 0, 'claude-sonnet-4-5': 0.5 },
    })
    const used = await as(lender)<QuotaBody[]>('GET', `${one(lender)}/quotas`)
    expect(used.status).toBe(200)
    const row = used.body.data.find(({ model_name }) => model_name === MODEL)
    expect(row).toMatchObject({ quota: 0, status: 0, health: { state: 'exhausted' } })
    expect(row?.health.reasons[0]).toMatchObject({
      code: 'model_exhausted',
      model: MODEL,
      until: row?.reset_time,
      message: expect.stringContaining('switched on again'),
    })
    expect(Date.parse(row?.reset_time ?? '')).toBeGreaterThan(Date.now())
    expect(row?.reset_time).toMatch(/Z$/)
    expect(
      used.body.data.find(({ model_name }) => model_name === 'claude-sonnet-4-5'),
    ).toMatchObject({ quota: 0.5, status: 1, health: { state: 'ok', reasons: [] } })

    // The upstream has refilled it: what the plug-in has switched off by itself is used again.
    await standIn('account', { cookie_id: lender.cookieId, live: { [MODEL]: 0.75 } })
    const healthy = await as(lender)<AccountBody>('GET', one(lender, '?include=quotas'))
    expect(healthy.body.data.health).toEqual({ state: 'ok', reasons: [] })
  })

  it('is gone after it was deleted', async () => {
    const { status, body } = await as(lender)('DELETE', one(lender))
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, message: 'The account is deleted.' })
    expect((await as(lender)('GET', one(lender))).status).toBe(404)
    expect((await as(lender)('DELETE', one(lender))).status).toBe(404)
    expect((await as(lender)('GET', `${API}/accounts`)).body.data).toEqual([])
  })
})

it('that has to be authorized again says that enabling does not help', async () => {
  const lender = await newLender()
  await standIn('account', { cookie_id: lender.cookieId, token: 'broken' })
  // The plug-in notices when it next uses the account.
  await call(`${API}/models`, { token: lender.token })
  for (const isEnabled of [false, true]) {
    if (isEnabled) await as(lender)('PUT', `${one(lender)}/status`, { status: 1 })
    const { body } = await as(lender)<AccountBody[]>('GET', `${API}/accounts`)
    expect(body.data[0]).toMatchObject({
      need_refresh: true,
      health: {
        state: 'needs_reauthorization',
        reasons: [
          { code: 'needs_reauthorization', message: expect.stringContaining('delete it (DELETE') },
        ],
      },
    })
  }
})

describe("somebody else's account", () => {
  let owner: Lender
  let other: Lender
  beforeAll(async () => {
    ;[owner, other] = await Promise.all([newLender(1), newLender()])
  })

  it.each([
    ['GET', '', undefined],
    ['PUT', '/status', { status: 0 }],
    ['PUT', '/type', { is_shared: 0 }],
    ['PUT', '/name', { name: 'mine' }],
    ['GET', '/quotas', undefined],
    ['PUT', `/quotas/${MODEL}/status`, { status: 0 }],
    ['DELETE', '', undefined],
  ])('is unknown to %s …%s', async (method, suffix, json) => {
    const { status, body } = await as(other)(method, one(owner) + suffix, json)
    expect(status).toBe(404)
    expect(body.code).toBe('not_found')
    expect(JSON.stringify(body)).not.toMatch(/\p{Script=Han}/u)
  })

  it('is as it was', async () => {
    const { body } = await as(owner)<AccountBody>('GET', one(owner))
    expect(body.data).toMatchObject({ status: 1, is_shared: 1 })
    expect(body.data.name).not.toBe('mine')
  })
})

describe('changes of accounts', () => {
  it('each end with one look at the list', async () => {
    const lender = await newLender()
    const changes: [string, string, unknown][] = [
      ['PUT', `${one(lender)}/status`, { status: 0 }],
      ['PUT', `${one(lender)}/type`, { is_shared: 1 }],
      ['DELETE', one(lender), undefined],
    ]
    for (const [method, path, json] of changes) {
      const seq = await latestRequest()
      expect((await as(lender)(method, path, json)).status).toBe(200)
      const asked = await askedBy(lender, seq)
      expect(asked.map((each) => `${each.method} ${each.path}`)).toEqual([
        // What the plug-in erases with an account is read before.
        ...(method === 'DELETE' ? ['GET /api/quotas/consumption'] : []),
        `${method} ${path.replace('/plugin-api', '')}`,
        'GET /api/accounts',
      ])
    }
  })

  it('happen one at a time', async () => {
    const lender = await newLender()
    const path = `/api/accounts/${lender.cookieId}/status`
    await standIn('arm', { failure: 'slow', path, method: 'PUT', delayMs: 400, times: 1 })
    const seq = await latestRequest()
    const first = as(lender)('PUT', `${one(lender)}/status`, { status: 0 })
    await waitFor(async () => (await askedBy(lender, seq)).length > 0)
    const second = as(lender)('PUT', `${one(lender)}/type`, { is_shared: 1 })
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200])
    const asked = await askedBy(lender, seq)
    expect(asked.map((each) => `${each.method} ${each.path.split('/').at(-1)}`)).toEqual([
      'PUT status',
      'GET accounts',
      'PUT type',
      'GET accounts',
    ])
  })

  it('are limited in number', async () => {
    const lender = await newLender()
    const statuses: number[] = []
    for (let index = 0; index < 31; index++)
      statuses.push((await as(lender)('PUT', `${one(lender)}/status`, { status: 1 })).status)
    expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 200))
    const refused = await as(lender)('PUT', `${one(lender)}/type`, { is_shared: 1 })
    expect(refused.status).toBe(429)
    expect(refused.body.code).toBe('rate_limited')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    // What is no toggle goes on.
    expect((await as(lender)('PUT', `${one(lender)}/name`, { name: 'x' })).status).toBe(200)
  })
})

describe('the preference', () => {
  it('is read and changed', async () => {
    const person = await newPerson()
    await bringAccount(person)
    const read = () => as(person)<{ prefer_shared: number }>('GET', `${API}/preference`)
    expect((await read()).body.data).toMatchObject({ prefer_shared: 0, status: 1 })
    const changed = await as(person)('PUT', `${API}/preference`, { prefer_shared: 1 })
    expect(changed).toMatchObject({ status: 200, body: { data: { prefer_shared: 1 } } })
    expect((await read()).body.data.prefer_shared).toBe(1)
    for (const prefer_shared of [2, '1', null])
      expect((await as(person)('PUT', `${API}/preference`, { prefer_shared })).status).toBe(422)
  })
})
