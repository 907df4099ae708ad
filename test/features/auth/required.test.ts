import { randomUUID } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changePerson, newPersonOf } from '../../support/admin.ts'
import { mailsTo, mailTo, tokenIn } from '../../support/mail.ts'
import { letLeewayPass, redis } from '../../support/redis.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { call, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

let worker: OwnWorker

beforeAll(async () => {
  worker = await workerWith({
    REQUIRE_VERIFIED_EMAIL: 'true',
    MFA_REQUIRED_ROLES: 'admin,model_manager',
  })
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
})

const post = (path: string, json: unknown) => call(path, { json, baseUrl: worker.url })

describe('where addresses have to be confirmed', () => {
  it('nobody signs in before', async () => {
    const email = `${randomUUID()}@example.com`
    const person = {
      username: `v${randomUUID().slice(0, 10)}`,
      email,
      password: `pw-${randomUUID()}`,
    }
    expect((await post('/api/auth/register', person)).status).toBe(202)
    expect(await post('/api/auth/login', person)).toMatchObject({
      status: 403,
      body: { code: 'email_not_verified' },
    })
    const wrong = await post('/api/auth/login', { ...person, password: 'wrong' })
    expect(wrong.status).toBe(401)
    await post('/api/auth/verify-email', { token: tokenIn(await mailTo(email, /Confirm/)) })
    expect((await post('/api/auth/login', person)).status).toBe(200)
  })

  it('its owner reads of a sign-in that failed for this alone', async () => {
    const person = await newPerson()
    expect((await post('/api/auth/login', person)).status).toBe(403)
    await waitFor(async () => {
      const { body } = await call<{ items: Record<string, unknown>[] }>('/api/auth/events', {
        token: person.token,
      })
      const failed = body.items.find(({ event }) => event === 'login.failed')
      return JSON.stringify(failed?.details) === '{"reason":"email_not_verified"}'
    })
  })

  it('registration answers alike for an address that is taken, and tells its owner', async () => {
    const owner = await newPerson()
    await post('/api/auth/verify-email', { token: tokenIn(await mailTo(owner.email, /Confirm/)) })
    const register = (email: string) =>
      post('/api/auth/register', { email, password: `pw-${randomUUID()}` })
    const fresh = await register(`${randomUUID()}@example.com`)
    const taken = await register(owner.email.toUpperCase())
    expect(taken.status).toBe(202)
    expect(taken.body).toEqual(fresh.body)
    const mail = await mailTo(owner.email, /have an account already/)
    expect(mail.text).not.toContain('#token=')
    await waitFor(async () => (await mailsTo(owner.email)).length >= 2)
  })

  it('registration needs an address', async () => {
    const { status, body } = await post('/api/auth/register', {
      username: `v${randomUUID().slice(0, 10)}`,
      password: `pw-${randomUUID()}`,
    })
    expect(status).toBe(422)
    expect(body.errors).toMatchObject([{ path: 'email' }])
  })
})

describe('where a role must have a second factor', () => {
  it('people of it add an app in the middle of their sign-in', async () => {
    const admin = await newPersonOf('admin')
    await post('/api/auth/verify-email', { token: tokenIn(await mailTo(admin.email, /Confirm/)) })
    const login = await post('/api/auth/login', {
      username: admin.username,
      password: admin.password,
    })
    expect(login.body).toMatchObject({ mfa_required: true, enrolment_required: true })
    const { mfa_token } = login.body
    expect((await post('/api/auth/mfa/verify', { mfa_token, code: '000000' })).status).toBe(401)
    const begun = await post('/api/auth/mfa/enrol', { mfa_token })
    const secret = String(begun.body.secret)
    const done = await post('/api/auth/mfa/enrol/confirm', { mfa_token, code: codeOf(secret) })
    expect(done.body).toMatchObject({ role: 'admin', access_token: expect.any(String) })
    expect(done.body.recovery_codes).toHaveLength(10)
    const disable = await call('/api/auth/mfa/disable', {
      token: String(done.body.access_token),
      json: { password: admin.password, code: codeOf(secret, 1) },
      baseUrl: worker.url,
    })
    expect(disable.status).toBe(403)
    const again = await post('/api/auth/login', {
      username: admin.username,
      password: admin.password,
    })
    expect(again.body).toMatchObject({ mfa_required: true, enrolment_required: false })
  })

  it('others sign in as before', async () => {
    const person = await newPerson()
    await post('/api/auth/verify-email', { token: tokenIn(await mailTo(person.email, /Confirm/)) })
    expect((await post('/api/auth/login', person)).body.access_token).toBeDefined()
  })
})

describe('a role that must have a second factor by now', () => {
  interface Tokens {
    access_token: string
    refresh_token: string
  }
  const me = async (token: string) =>
    (await call('/api/auth/me', { token, baseUrl: worker.url })).status
  const refresh = (refresh_token: string) =>
    call<Tokens>('/api/auth/refresh', { json: { refresh_token }, baseUrl: worker.url })
  const promote = async (person: TestPerson) => {
    await changePerson(
      person.id,
      () => sql`update users set role = 'admin', email_verified_at = now() where id = ${person.id}`,
    )
  }

  it('is asked for it on sessions that have seen none, and only there', async () => {
    const person = await enrol(await newPerson())
    const { body: other } = await call<Tokens>('/api/auth/mfa/verify', {
      json: { mfa_token: await passwordStep(person), code: codeOf(person.secret) },
    })
    await letStepsPass(person)
    // A session from before the person had an app.
    await redis('HSET', `session:${sessionOf(other.access_token)}`, 'mfa', '0')
    expect(await me(other.access_token)).toBe(200)
    await promote(person)
    // On this one the app was added.
    expect(await me(person.token)).toBe(200)
    expect(await me(other.access_token)).toBe(401)

    const asked = await refresh(other.refresh_token)
    expect(asked).toMatchObject({
      status: 200,
      body: { mfa_required: true, enrolment_required: false, mfa_token: expect.any(String) },
    })
    expect(asked.body).not.toHaveProperty('access_token')
    const { mfa_token } = (await refresh(other.refresh_token)).body as unknown as {
      mfa_token: string
    }
    const done = await call<Tokens>('/api/auth/mfa/verify', {
      json: { mfa_token, code: codeOf(person.secret) },
      baseUrl: worker.url,
    })
    expect(await me(done.body.access_token)).toBe(200)
    expect((await refresh(done.body.refresh_token)).body.access_token).toBeDefined()
    await waitFor(async () => (await refresh(other.refresh_token)).status === 401)
  })

  it('signs in again where there is none yet', async () => {
    const person = await newPerson()
    await promote(person)
    expect(await me(person.token)).toBe(401)
    expect((await refresh(person.refreshToken)).status).toBe(401)
    const login = await post('/api/auth/login', {
      username: person.username,
      password: person.password,
    })
    expect(login.body).toMatchObject({ mfa_required: true, enrolment_required: true })
  })

  it('does not get away with a refresh token that was used before', async () => {
    const person = await enrol(await newPerson())
    const next = await refresh(person.refreshToken)
    await redis('HSET', `session:${sessionOf(person.token)}`, 'mfa', '0')
    await promote(person)
    await letLeewayPass(person.id)
    expect((await refresh(person.refreshToken)).status).toBe(401)
    expect((await refresh(next.body.refresh_token)).status).toBe(401)
  })
})

function sessionOf(token: string): string {
  return String(decodeJwt(token).sid)
}
