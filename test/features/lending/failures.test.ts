import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, standIn, type TestPerson, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'
import { type AccountBody, API, as, type Lender, MODEL, newLender } from './support.ts'

const HAN = /\p{Script=Han}/u

let lender: Lender
beforeAll(async () => {
  lender = await newLender()
})
afterAll(() => standIn('reset-armed', {}))

const path = () => `/api/accounts/${lender.cookieId}`
const ask = (suffix = '') => as(lender)('GET', `${API}/accounts/${lender.cookieId}${suffix}`)

describe('a plug-in that fails', () => {
  it.each([
    ['breaks off', { failure: 'reset_midway' }, 502, 'upstream_error'],
    ['ends early', { failure: 'clean_early_end' }, 502, 'upstream_error'],
    ['sends broken JSON', { failure: 'garbage' }, 502, 'upstream_error'],
    ['sends a page', { failure: 'html_error' }, 502, 'upstream_error'],
    ['knows no such call', { failure: 'html_error', status: 404 }, 502, 'upstream_error'],
    ['sends a page with 403', { failure: 'html_error', status: 403 }, 502, 'upstream_error'],
    ['rejects our key', { failure: 'invalid_key_401' }, 502, 'upstream_error'],
    ['says 500', { failure: 'http_error', text: '数据库连接失败' }, 502, 'upstream_error'],
    ['says 429', { failure: 'http_error', status: 429, text: '请求过多' }, 502, 'upstream_error'],
    ['says 400', { failure: 'http_error', status: 400, text: '参数错误' }, 502, 'upstream_error'],
    ['says 404', { failure: 'http_error', status: 404, text: '账号不存在' }, 404, 'not_found'],
    ['says 403', { failure: 'http_error', status: 403, text: '无权操作该账号' }, 404, 'not_found'],
  ])('and %s has its true status in English', async (_, fault, status, code) => {
    await standIn('arm', { ...fault, path: path(), method: 'GET', times: 1 })
    const answer = await ask()
    expect(answer.status).toBe(status)
    expect(answer.body.code).toBe(code)
    expect(JSON.stringify(answer.body)).not.toMatch(HAN)
    expect(answer.headers.get('www-authenticate')).toBeNull()
    expect((await ask()).status).toBe(200)
  })

  it('and is not there is a failure that asks to try again', async () => {
    await using worker = await workerWith({ PLUGIN_API_BASE_URL: 'http://127.0.0.1:9' })
    const answer = await as(lender, worker.url)('GET', `${API}/preference`)
    expect(answer).toMatchObject({ status: 502, body: { code: 'upstream_error' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('and hangs is given up on', async () => {
    await standIn('arm', { failure: 'hang', path: path(), method: 'GET', times: 1 })
    const answer = await ask()
    expect(answer).toMatchObject({ status: 504, body: { code: 'upstream_timeout' } })
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('in one part of a page leaves no lock behind', async () => {
    const { pluginKey: match } = lender
    // The list comes late, after the other part has failed and the answer has left.
    await standIn('arm', { failure: 'slow', delayMs: 700, path: '/api/accounts', match })
    await standIn('arm', { failure: 'http_error', path: '/api/quotas/user', match })
    const page = await as(lender)('GET', '/api/usage/summary')
    expect(page.status).toBe(502)
    const changed = await as(lender)('PUT', `${API}/accounts/${lender.cookieId}/status`, {
      status: 1,
    })
    expect(changed.status).toBe(200)
  })

  it('while the list is read after a change leaves the change as it is', async () => {
    const { pluginKey: match, token } = lender
    await standIn('arm', {
      failure: 'refuse',
      path: '/api/accounts',
      method: 'GET',
      match,
      times: 1,
    })
    const off = await call<{ data: unknown }>(`${API}/accounts/${lender.cookieId}/status`, {
      method: 'PUT',
      token,
      json: { status: 0 },
    })
    expect(off).toMatchObject({ status: 200, body: { data: { status: 0 } } })
    const { body } = await as(lender)<AccountBody>(
      'PUT',
      `${API}/accounts/${lender.cookieId}/status`,
      {
        status: 1,
      },
    )
    expect(body.data.status).toBe(1)
  })

  it('in the middle of a change does not leave the person locked out', async () => {
    await standIn('arm', { failure: 'refuse', path: `${path()}/type`, method: 'PUT', times: 1 })
    const change = () =>
      as(lender)('PUT', `${API}/accounts/${lender.cookieId}/type`, { is_shared: 0 })
    expect((await change()).status).toBe(502)
    expect((await change()).status).toBe(200)
  })
})

describe('what an account has left', () => {
  it('cannot be read from an account that is refused upstream; the account itself can', async () => {
    const broken = await newLender()
    await standIn('account', { cookie_id: broken.cookieId, token: 'broken' })
    const address = `${API}/accounts/${broken.cookieId}`
    expect(await as(broken)('GET', `${address}/quotas`)).toMatchObject({
      status: 502,
      body: { code: 'upstream_error', detail: expect.stringContaining('upstream gave nothing') },
    })
    const { status, body } = await as(broken)('GET', `${address}?include=quotas`)
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ quotas: [], quotas_error: { code: 'upstream_error' } })
  })
})

describe('enabling a model', () => {
  const enable = (model: string) =>
    as(lender)('PUT', `${API}/accounts/${lender.cookieId}/quotas/${model}/status`, { status: 1 })

  it('that the account has no quota for is 404', async () => {
    const answer = await enable('no-such-model')
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(answer.body.detail).toContain('no-such-model')
  })

  it('that the plug-in could not enable for another reason is tried once more', async () => {
    const fault = {
      failure: 'http_error',
      path: `${path()}/quotas/${MODEL}/status`,
      method: 'PUT',
      text: '数据库连接失败',
    }
    await standIn('arm', { ...fault, times: 1 })
    expect((await enable(MODEL)).status).toBe(200)
    await standIn('arm', { ...fault, times: 2 })
    expect(await enable(MODEL)).toMatchObject({ status: 502, body: { code: 'upstream_error' } })
  })
})

describe('bringing an account', () => {
  let person: TestPerson
  beforeAll(async () => {
    person = await newPerson()
    await waitFor(
      async () => (await call(`${API}/key`, { token: person.token })).body.state === 'ready',
    )
  })

  /** Consents as a person would, up to the address that the browser ends at. */
  async function consent(fields: Record<string, string>): Promise<string> {
    const { body } = await as(person)<{ auth_url: string; state: string }>(
      'POST',
      `${API}/oauth/authorize`,
      {},
    )
    const done = await fetch(body.data.auth_url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ state: body.data.state, decision: 'approve', ...fields }),
    })
    return done.headers.get('location') ?? ''
  }
  const complete = (callback_url: string) =>
    as(person)('POST', `${API}/oauth/callback`, { callback_url })

  it('works once, and is then in the list', async () => {
    const address = await consent({ email: `${randomUUID()}@example.com`, tier: 'paid' })
    const done = await complete(address)
    expect(done.status).toBe(200)
    expect(done.body.data).toMatchObject({ is_shared: 0, created_at: expect.stringMatching(/Z$/) })
    expect(await complete(address)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
    expect((await as(person)('GET', `${API}/accounts`)).body.data).toHaveLength(1)
  })

  it('that somebody has brought before is a conflict', async () => {
    const email = `${randomUUID()}@example.com`
    expect((await complete(await consent({ email, tier: 'paid' }))).status).toBe(200)
    const again = await complete(await consent({ email, tier: 'paid' }))
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(JSON.stringify(again.body)).not.toContain(email)
  })

  it.each([
    ['that is not eligible', { eligibility: 'ineligible' }, 400, 'is not eligible'],
    ['of a country not served', { eligibility: 'unsupported_location' }, 400, 'country'],
    ['of which nothing can be found out', { eligibility: 'unknown' }, 503, 'could not be asked'],
    ['with a wrong code', { code: 'x' }, 400, 'did not accept the code'],
  ])('%s is refused in words of its own', async (_, given, status, words) => {
    const { code, ...fields }: Record<string, string> = given
    const email = `${randomUUID()}@example.com`
    const address = new URL(await consent({ email, tier: 'free', ...fields }))
    if (code) address.searchParams.set('code', code)
    const answer = await complete(address.href)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)])
    expect(JSON.stringify(answer.body)).not.toMatch(HAN)
    expect(JSON.stringify(answer.body)).not.toContain(email)
    if (status === 503) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('whose consent the AI service has forgotten says that it has expired', async () => {
    const address = await consent({ email: `${randomUUID()}@example.com`, tier: 'paid' })
    await standIn('arm', {
      failure: 'http_error',
      path: '/api/oauth/callback/manual',
      match: address,
      text: 'Invalid or expired state parameter',
    })
    expect(await complete(address)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('expired or been used') },
    })
  })

  it('that the owner refused says so', async () => {
    const denied = await complete('http://localhost:42532/?error=access_denied&state=x')
    expect(denied.body.detail).toContain('denied')
  })
})
