import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, newPerson, stack, type TestPerson } from '../../support/stack.ts'
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

describe('whoever is signed in', () => {
  const guessAtLogin = async (username: string) => {
    for (let attempt = 0; attempt < 5; attempt++) await login(username, 'wrong')
    expect((await login(username, 'wrong')).status).toBe(429)
  }
  const change = (person: TestPerson, old_password: string, new_password = `pw-${randomUUID()}`) =>
    call('/api/auth/change-password', { token: person.token, json: { old_password, new_password } })
  const stepUp = (person: TestPerson, password: string) =>
    call('/api/auth/mfa/totp', { token: person.token, json: { password } })

  it("protects their account whatever a stranger's guesses have locked", async () => {
    const person = await newPerson()
    await guessAtLogin(person.username)
    expect((await stepUp(person, person.password)).status).toBe(200)
    const moved = await call('/api/auth/change-email', {
      token: person.token,
      json: { password: person.password, new_email: `${randomUUID()}@example.com` },
    })
    expect(moved.status).toBe(202)
    const password = `pw-${randomUUID()}`
    expect((await change(person, person.password, password)).status).toBe(200)
    // That was no way to clear what others have guessed.
    expect((await login(person.username, password)).status).toBe(429)
    const gone = await call('/api/users/me', {
      method: 'DELETE',
      token: person.token,
      json: { password },
    })
    expect(gone.status).toBe(200)
  })

  it('has as many guesses of their own, over all calls and at once', async () => {
    const person = await newPerson()
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        index % 2 ? change(person, 'a guess') : stepUp(person, 'a guess'),
      ),
    )
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25)
    expect(answers.filter(({ status }) => [403, 422].includes(status))).toHaveLength(5)
    const locked = await change(person, person.password)
    expect(locked).toMatchObject({ status: 429, body: { code: 'account_locked' } })
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(1_700)
    expect((await stepUp(person, person.password)).status).toBe(429)
    // The sign-in counts for itself; and a right password there clears nothing here.
    expect((await login(person.username, person.password)).status).toBe(200)
    expect((await change(person, person.password)).status).toBe(429)
  })

  it('begins anew after a right one', async () => {
    const person = await newPerson()
    for (let round = 0; round < 2; round++) {
      for (let attempt = 0; attempt < 4; attempt++)
        expect((await stepUp(person, 'a guess')).status).toBe(403)
      expect((await stepUp(person, person.password)).status).toBe(200)
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
