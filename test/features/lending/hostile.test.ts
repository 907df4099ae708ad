import { request } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { stack } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import {
  type AccountBody,
  API,
  as,
  askedBy,
  type Lender,
  latestRequest,
  newLender,
} from './support.ts'
import { tamperingPlugin } from './tampering.ts'

let lender: Lender
beforeAll(async () => {
  lender = await newLender()
})

/** Sends a path exactly as it is written, which fetch would tidy up. */
function raw(method: string, path: string, json?: unknown): Promise<number> {
  const { hostname, port } = new URL(stack.baseUrl)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        path,
        method,
        headers: {
          authorization: `Bearer ${lender.token}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
        },
      },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      },
    )
    sent.on('error', reject)
    sent.end(json === undefined ? undefined : JSON.stringify(json))
  })
}

describe('an id of an account', () => {
  it.each([
    '%252e%252e',
    '%2E%2E%2Fusers',
    '..%2F..%2Fapi%2Fusers',
    'a%2F..%2Fb',
    'a%3Fx=1',
    'a%23b',
    'a%00b',
    '%zz',
    '%ff',
    "x'%20or%201=1",
    'x'.repeat(200),
  ])('that is %s reaches nothing', async (id) => {
    const seq = await latestRequest()
    for (const [method, suffix] of [
      ['GET', ''],
      ['GET', '/quotas'],
      ['DELETE', ''],
    ] as const) {
      const status = await raw(method, `${API}/accounts/${id}${suffix}`)
      expect(status, `${method} ${suffix}`).toBeGreaterThanOrEqual(400)
      expect(status, `${method} ${suffix}`).toBeLessThan(500)
    }
    expect(await askedBy(lender, seq)).toEqual([])
  })
})

describe('a model name', () => {
  const status = (model: string) =>
    raw('PUT', `${API}/accounts/${lender.cookieId}/quotas/${model}/status`, { status: 0 })

  it.each([
    ['models%2Fgemini', '/quotas/models%2Fgemini/status'],
    ['100%25', '/quotas/100%25/status'],
    ['a%252Fb', '/quotas/a%252Fb/status'],
    ['%252e%252e', '/quotas/%252e%252e/status'],
    ['a%3Fb%23c', '/quotas/a%3Fb%23c/status'],
    ['%E6%A8%A1%E5%9E%8B', '/quotas/%E6%A8%A1%E5%9E%8B/status'],
    ['..%2F..%2Fstatus', '/quotas/..%2F..%2Fstatus/status'],
  ])('%s stays one segment', async (model, asked) => {
    const seq = await latestRequest()
    expect(await status(model)).toBe(404)
    const first = (await askedBy(lender, seq))[0]
    expect(first?.path).toBe(`/api/accounts/${lender.cookieId}${asked}`)
  })

  it.each(['a%00b', 'a%0Ab', 'x'.repeat(201)])('%j is refused', async (model) => {
    expect(await status(model)).toBe(422)
  })
})

describe('what limits a list', () => {
  it.each([
    'limit=0',
    'limit=-1',
    'limit=1001',
    'limit=1e99',
    'limit=abc',
    'limit=1.5',
    'limit=NaN',
    'limit=1&limit=2',
    'start_date=yesterday',
    'start_date=2026-02-30',
    'end_date=1',
    "end_date=2026-01-01'--",
    'start_date=2026-02-01&end_date=2026-01-01',
  ])('%s is refused before it leaves', async (query) => {
    const seq = await latestRequest()
    for (const path of [`${API}/quotas/consumption`, '/api/usage/consumption'])
      expect((await as(lender)('GET', `${path}?${query}`)).status).toBe(422)
    expect(await askedBy(lender, seq)).toEqual([])
  })
})

describe('a plug-in with odd values', () => {
  it('is read all the same', async () => {
    const odd = {
      cookie_id: 'c',
      model_name: '__proto__',
      name: 5,
      is_shared: '1',
      status: null,
      need_refresh: 'yes',
      expires_at: 'soon',
      created_at: '2026-01-31 10:00:00.5',
      updated_at: 'never',
      last_used_at: '2026-01-31T10:00:00+02:00',
    }
    await using plugin = await tamperingPlugin({
      'GET /api/accounts': () => [odd],
      'GET /api/quotas/user': () => [
        { model_name: 'm', quota: '1.5000', max_quota: '', last_recovered_at: null },
        { model_name: '__proto__', quota: 'NaN', max_quota: 'Infinity' },
      ],
    })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    const mine = as(lender, worker.url)
    const { body } = await mine<AccountBody[]>('GET', `${API}/accounts`)
    expect(body.data[0]).toMatchObject({
      name: null,
      is_shared: 1,
      status: 0,
      need_refresh: null,
      expires_at: null,
      created_at: '2026-01-31T10:00:00.500Z',
      updated_at: null,
      last_used_at: '2026-01-31T08:00:00.000Z',
      health: { state: 'disabled' },
    })
    const pools = await mine('GET', `${API}/quotas/user`)
    expect(pools.body.data).toMatchObject([
      { model_name: 'm', quota: 1.5, max_quota: null, last_recovered_at: null },
      { model_name: '__proto__', quota: null, max_quota: null },
    ])
    expect((await mine('GET', '/api/usage/summary')).status).toBe(200)
  })

  it('that sends something else altogether is a failure, not a crash', async () => {
    await using plugin = await tamperingPlugin({
      'GET /api/accounts': () => ({ nothing: 'here' }),
      'GET /api/user/me': () => null,
      'GET /api/quotas/user': () => [{ quota: 1 }],
    })
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: plugin.url })
    for (const path of ['accounts', 'preference', 'quotas/user'])
      expect(await as(lender, worker.url)('GET', `${API}/${path}`)).toMatchObject({
        status: 502,
        body: { code: 'upstream_error' },
      })
  })
})
