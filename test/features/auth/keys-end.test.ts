import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { call, newKey, newPerson, type TestPerson } from '../../support/stack.ts'

/** What becomes of API keys, other sessions and codes when somebody secures their account. */

const works = async (token: string) => (await call('/api/auth/me', { token })).status === 200
const fresh = () => `new-${randomUUID()}`

const change = (person: TestPerson, more: object = {}) =>
  call<{ api_keys_ended: number; code?: string }>('/api/auth/change-password', {
    token: person.token,
    json: { old_password: person.password, new_password: fresh(), ...more },
  })
const logoutAll = (person: TestPerson, json?: object) =>
  call<{ api_keys_ended: number }>('/api/auth/logout-all', {
    method: 'POST',
    token: person.token,
    ...(json && { json }),
  })

async function reset(person: TestPerson, more: object = {}) {
  await call('/api/auth/forgot-password', { json: { email: person.email } })
  const token = tokenIn(await mailTo(person.email, /Choose a new password/))
  return call<{ api_keys_ended: number }>('/api/auth/reset-password', {
    json: { token, new_password: fresh(), ...more },
  })
}

it('a new password by mail ends the keys', async () => {
  const person = await newPerson()
  const keys = [await newKey(person), await newKey(person)]
  expect((await reset(person)).body.api_keys_ended).toBe(2)
  for (const key of keys) expect(await works(key)).toBe(false)
})

it("an administrator's word closes a claim that a link alone has confirmed", async () => {
  const person = await newPerson()
  const confirm = { token: tokenIn(await mailTo(person.email, /Confirm/)) }
  expect((await call('/api/auth/verify-email', { json: confirm })).status).toBe(200)
  const json = { is_verified: true }
  const path = `/api/admin/users/${person.id}`
  expect((await asAdmin(await newAdmin())('PUT', path, json)).status).toBe(200)
  const key = await newKey(person)
  expect((await reset(person, { end_api_keys: false })).body.api_keys_ended).toBe(0)
  expect(await works(key)).toBe(true)
})

it('a change of password, and signing out everywhere, end them where that is wanted', async () => {
  for (const end of [
    (person: TestPerson, more?: object) => change(person, more),
    (person: TestPerson, more?: object) => logoutAll(person, more),
  ]) {
    const [kept, ended] = [await newPerson(), await newPerson()]
    const [keptKey, endedKey] = [await newKey(kept), await newKey(ended)]
    expect(await end(kept)).toMatchObject({ status: 200, body: { api_keys_ended: 0 } })
    expect(await works(keptKey)).toBe(true)
    expect(await end(ended, { end_api_keys: true })).toMatchObject({
      status: 200,
      body: { api_keys_ended: 1 },
    })
    expect(await works(endedKey)).toBe(false)
  }
})

it('who has changed the password goes on, and can make a key', async () => {
  const person = await newPerson()
  await newKey(person)
  await change(person, { end_api_keys: true })
  expect(await works(person.token)).toBe(true)
  expect(await works(await newKey(person))).toBe(true)
})

it('a change of password asks for the second factor', async () => {
  const person = await enrol(await newPerson())
  expect((await change(person)).body.code).toBe('step_up_required')
  expect((await change(person, { code: '000000' })).body.code).toBe('invalid_code')
  expect((await change(person, { code: codeOf(person.secret) })).status).toBe(200)
})

it('adding an authenticator app signs out everywhere else', async () => {
  const person = await newPerson()
  const { body } = await call<{ access_token: string }>('/api/auth/login', {
    json: { username: person.username, password: person.password },
  })
  expect(await works(body.access_token)).toBe(true)
  await enrol(person)
  expect(await works(body.access_token)).toBe(false)
  expect(await works(person.token)).toBe(true)
})

it('wrong codes at the sign-in do not lock out whoever is signed in, nor the other way round', async () => {
  const person = await enrol(await newPerson())
  const signIn = async (code: string) =>
    call('/api/auth/mfa/verify', { json: { mfa_token: await passwordStep(person), code } })
  for (let guess = 0; guess < 5; guess++) expect((await signIn('000000')).status).toBe(400)
  expect((await signIn(codeOf(person.secret))).status).toBe(429)
  const stepUp = (code: string) =>
    call('/api/auth/mfa/recovery-codes', { token: person.token, json: { code } })
  expect((await stepUp(codeOf(person.secret))).status).toBe(200)

  const other = await enrol(await newPerson())
  for (let guess = 0; guess < 5; guess++) await change(other, { code: '000000' })
  expect((await change(other, { code: codeOf(other.secret) })).status).toBe(429)
  await letStepsPass(other)
  const mfa_token = await passwordStep(other)
  const code = codeOf(other.secret)
  expect((await call('/api/auth/mfa/verify', { json: { mfa_token, code } })).status).toBe(200)
})
