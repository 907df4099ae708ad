import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, stack } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const login = (
  username: string,
  password: string,
  { ip, baseUrl }: { ip?: string; baseUrl?: string } = {},
) =>
  call('/api/auth/login', {
    json: { username, password },
    ...(ip && { headers: { 'cf-connecting-ip': ip } }),
    ...(baseUrl && { baseUrl }),
  })

describe('lockout', () => {
  it('locks an account after five failures, also for the right password', async () => {
    const person = await newPerson()
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await login(person.username, 'wrong')).status).toBe(401)
    }
    const locked = await login(person.username, person.password)
    expect(locked).toMatchObject({ status: 429, body: { code: 'account_locked' } })
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(1_700)
    expect(Number(locked.headers.get('retry-after'))).toBeLessThanOrEqual(1_800)
    const session = await call('/api/auth/sessions/current', { token: person.token })
    expect(session.status).toBe(200)
    const refreshed = await call('/api/auth/refresh', {
      json: { refresh_token: person.refreshToken },
    })
    expect(refreshed.status).toBe(200)
  })

  it('treats a name that nobody has alike', async () => {
    const name = `nobody-${randomUUID()}`
    const statuses = []
    for (let attempt = 0; attempt < 6; attempt++) statuses.push((await login(name, 'x')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('counts all spellings of a name, and the address, as one', async () => {
    const person = await newPerson()
    const spellings = [
      person.username.toUpperCase(),
      ` ${person.username} `,
      person.email,
      person.email.toUpperCase(),
      [...person.username].map((char) => char.replace('u', 'ｕ')).join(''),
    ]
    for (const name of spellings) expect((await login(name, 'wrong')).status).toBe(401)
    expect((await login(person.username, person.password)).status).toBe(429)
  })

  it('lets no more than five of fifty parallel guesses through', async () => {
    const person = await newPerson()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => login(person.username, 'wrong')),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45)
  })

  it('forgets the failures after a success', async () => {
    const person = await newPerson()
    for (let round = 0; round < 3; round++) {
      for (let attempt = 0; attempt < 4; attempt++) {
        expect((await login(person.username, 'wrong')).status).toBe(401)
      }
      expect((await login(person.username, person.password)).status).toBe(200)
    }
  })
})

describe('lockout of an address', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({ MAX_LOGIN_ATTEMPTS_PER_ADDRESS: '4', LOGIN_RATE_LIMIT: '100/1m' })
  })
  afterAll(() => worker[Symbol.asyncDispose]())

  it('stops guesses at many names, by the network of one subscriber', async () => {
    const prefix = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:1`
    const statuses = []
    for (let attempt = 0; attempt < 5; attempt++) {
      const answer = await login(`nobody-${randomUUID()}`, 'x', {
        ip: `${prefix}::${attempt + 1}`,
        baseUrl: worker.url,
      })
      statuses.push(answer.status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429])
  })

  it('knows the address from CF-Connecting-IP only', async () => {
    for (let attempt = 0; attempt < 6; attempt++) {
      const { status } = await call('/api/auth/login', {
        json: { username: `nobody-${randomUUID()}`, password: 'x' },
        headers: {
          'x-forwarded-for': '192.0.2.9',
          'x-real-ip': '192.0.2.9',
          forwarded: 'for=192.0.2.9',
        },
        baseUrl: worker.url,
      })
      expect(status).toBe(401)
    }
  })

  it('gives the attempt back to whoever knew the password', async () => {
    const person = await newPerson(stack.baseUrl)
    const ip = `198.51.${Math.floor(Math.random() * 256)}.${Math.floor(Math.random() * 256)}`
    for (let attempt = 0; attempt < 8; attempt++) {
      const { status } = await login(person.username, person.password, { ip, baseUrl: worker.url })
      expect(status).toBe(200)
    }
  })
})
