import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { call, newKey, newPerson, sql, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

describe('limits by role', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({ RATE_LIMIT: '5/1h', GUEST_RATE_LIMIT: '2/24h' })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  const ask = (token: string) => call('/api/auth/sessions/current', { token, baseUrl: worker.url })

  it('counts down, then refuses and says how long', async () => {
    const { token } = await newPerson()
    const first = await ask(token)
    expect(first.headers.get('ratelimit-limit')).toBe('5')
    expect(first.headers.get('ratelimit-remaining')).toBe('4')
    expect(first.headers.get('ratelimit-policy')).toBe('5;w=3600')
    for (let index = 0; index < 4; index++) expect((await ask(token)).status).toBe(200)
    const refused = await ask(token)
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit-remaining')).toBe('0')
  })

  it('is never exceeded by parallel requests', async () => {
    const { token } = await newPerson()
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  })

  it('holds on the gateway, in its own words, and with a key in the same count', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    for (let index = 0; index < 5; index++) await ask(person.token)
    const refused = await call<{ error: { type: string } }>('/v1/models', {
      token: key,
      baseUrl: worker.url,
    })
    expect(refused.status).toBe(429)
    expect(refused.body.error.type).toBe('rate_limit_error')
    expect(refused.headers.get('retry-after')).not.toBeNull()
  })

  it('follows a change of the role although the token says otherwise', async () => {
    const { token, id } = await newPerson()
    expect((await ask(token)).headers.get('ratelimit-limit')).toBe('5')
    await changePerson(id, () => sql`update users set role = 'guest' where id = ${id}`)
    await waitFor(async () => (await ask(token)).headers.get('ratelimit-limit') === '2')
  })

  it('keeps nobody from signing out', async () => {
    const person = await newPerson()
    await changePerson(
      person.id,
      () => sql`update users set role = 'guest' where id = ${person.id}`,
    )
    const signIn = async () =>
      (await call<{ access_token: string }>('/api/auth/login', { json: person })).body.access_token
    const [own, phone, laptop] = [await signIn(), await signIn(), await signIn()]
    const { body: sessions } = await call<{ id: string; current: boolean }[]>(
      '/api/auth/sessions',
      { token: phone },
    )
    const phoneId = sessions.find(({ current }) => current)?.id
    while ((await ask(own)).status === 200);
    const end = (method: string, path: string, token: string) =>
      call(path, { method, token, baseUrl: worker.url })

    expect((await end('DELETE', `/api/auth/sessions/${phoneId}`, own)).status).toBe(200)
    expect((await ask(phone)).status).toBe(401)
    expect((await end('POST', '/api/auth/logout', own)).status).toBe(200)
    expect((await end('POST', '/api/auth/logout', own)).status).toBe(401)
    expect((await ask(laptop)).status).toBe(429)
    expect((await end('POST', '/api/auth/logout-all', laptop)).status).toBe(200)
    expect((await ask(laptop)).status).toBe(401)
  })

  it('is not used up by a token whose session has ended', async () => {
    const person = await newPerson()
    const { body } = await call<{ access_token: string }>('/api/auth/login', { json: person })
    await call('/api/auth/logout', { method: 'POST', token: person.token })
    for (let index = 0; index < 10; index++) expect((await ask(person.token)).status).toBe(401)
    await waitFor(async () => (await ask(body.access_token)).status === 200)
  })
})

describe('limits by address', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({ LOGIN_RATE_LIMIT: '3/1h', MAX_LOGIN_ATTEMPTS_PER_ADDRESS: '100' })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('stop a flood of sign-ins', async () => {
    const person = await newPerson()
    const ip = `203.0.113.${Math.floor(Math.random() * 256)}`
    const login = () =>
      call('/api/auth/login', {
        json: person,
        headers: { 'cf-connecting-ip': ip },
        baseUrl: worker.url,
      })
    const statuses = []
    for (let index = 0; index < 4; index++) statuses.push((await login()).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    expect((await login()).headers.get('ratelimit-limit')).toBe('3')
  })
})

describe('address lists', () => {
  it('let in whoever is on the one and not on the other', async () => {
    await using worker = await workerWith({
      IP_ALLOWLIST: '192.0.2.0/24, 2001:db8::/32',
      IP_DENYLIST: '192.0.2.128/25,2001:db8:bad::/48',
    })
    const status = async (ip?: string) =>
      (
        await call('/api/health', {
          baseUrl: worker.url,
          ...(ip && { headers: { 'cf-connecting-ip': ip } }),
        })
      ).status
    expect(await status('192.0.2.1')).toBe(200)
    expect(await status('::ffff:192.0.2.1')).toBe(200)
    expect(await status('192.0.2.200')).toBe(403)
    expect(await status('198.51.100.1')).toBe(403)
    expect(await status('2001:db8:1::1')).toBe(200)
    expect(await status('2001:db8:bad::1')).toBe(403)
    expect(await status('nonsense')).toBe(403)
    expect(await status()).toBe(403)
  })

  it('refuse in the form that the deployment answers in', async () => {
    await using worker = await workerWith({
      IP_ALLOWLIST: '192.0.2.0/24',
      RESPONSE_FORMAT: 'envelope',
    })
    const ask = (path: string) =>
      call<{ error_code?: string; error?: { code: string } }>(path, { baseUrl: worker.url })
    expect((await ask('/api/health')).body.error_code).toBe('ADDRESS_REFUSED')
    expect((await ask('/v1/models')).body.error?.code).toBe('address_refused')
  })
})
