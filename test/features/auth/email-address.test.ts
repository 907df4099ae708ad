import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mailTo, tokenIn } from '../../support/mail.ts'
import { call, newPerson, sql, stack, waitFor } from '../../support/stack.ts'

const verify = (token: string) => call('/api/auth/verify-email', { json: { token } })
const confirm = (token: string) => call('/api/auth/confirm-email', { json: { token } })

describe('confirming the address after registration', () => {
  it('works once, with a link to our own address whatever the request said', async () => {
    const person = await newPerson()
    const mail = await mailTo(person.email, /Confirm your e-mail/)
    expect(mail.text).toContain(`${stack.bindings.PUBLIC_URL}/verify-email#token=`)
    expect((await call('/api/auth/me', { token: person.token })).body.is_verified).toBe(false)
    expect((await verify(tokenIn(mail))).status).toBe(200)
    expect((await call('/api/auth/me', { token: person.token })).body.is_verified).toBe(true)
    expect((await verify(tokenIn(mail))).status).toBe(400)
  })

  it('never links to what a request header says', async () => {
    const email = `${randomUUID()}@example.com`
    await call('/api/auth/register', {
      json: { email, password: `pw-${randomUUID()}` },
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' },
    })
    const mail = await mailTo(email, /Confirm your e-mail/)
    expect(mail.text + mail.html).not.toContain('evil.example')
  })

  it('can be asked for again, and the newest link counts', async () => {
    const person = await newPerson()
    const first = tokenIn(await mailTo(person.email, /Confirm your e-mail/))
    await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
      where user_id = ${person.id}`
    const { status } = await call('/api/auth/resend-verification', {
      json: { email: person.email },
    })
    expect(status).toBe(202)
    let second = first
    await waitFor(async () => {
      second = tokenIn(await mailTo(person.email, /Confirm your e-mail/))
      return second !== first
    })
    expect((await verify(first)).status).toBe(400)
    expect((await verify(second)).status).toBe(200)
  })
})

describe('changing the address', () => {
  async function verifiedPerson() {
    const person = await newPerson()
    await verify(tokenIn(await mailTo(person.email, /Confirm your e-mail/)))
    return person
  }

  it('takes both mailboxes', async () => {
    const person = await verifiedPerson()
    const next = `${randomUUID()}@example.com`
    const { status } = await call('/api/auth/change-email', {
      token: person.token,
      json: { new_email: next, password: person.password },
    })
    expect(status).toBe(202)
    const fromOld = tokenIn(await mailTo(person.email, /about to change/))
    const fromNew = tokenIn(await mailTo(next, /Confirm your new/))
    expect((await confirm(fromNew)).body).toMatchObject({ is_complete: false })
    expect((await call('/api/auth/me', { token: person.token })).body.email).toBe(person.email)
    expect((await confirm(fromOld)).body).toMatchObject({ is_complete: true })
    expect((await call('/api/auth/me', { token: person.token })).body).toMatchObject({
      email: next,
      is_verified: true,
    })
    expect(await mailTo(person.email, /address was changed/)).toBeDefined()
    expect((await confirm(fromOld)).status).toBe(400)
  })

  it('does not ask a mailbox that nobody has confirmed', async () => {
    const person = await newPerson()
    const next = `${randomUUID()}@example.com`
    await call('/api/auth/change-email', { token: person.token, json: { new_email: next } })
    const token = tokenIn(await mailTo(next, /Confirm your new/))
    expect((await confirm(token)).body).toMatchObject({ is_complete: true })
  })

  it('tells nobody but its owner that an address is taken', async () => {
    const [person, owner] = [await verifiedPerson(), await verifiedPerson()]
    const { status } = await call('/api/auth/change-email', {
      token: person.token,
      json: { new_email: owner.email },
    })
    expect(status).toBe(202)
    await confirm(tokenIn(await mailTo(person.email, /about to change/)))
    const token = tokenIn(await mailTo(owner.email, /Confirm your new/))
    expect(await confirm(token)).toMatchObject({ status: 409, body: { code: 'email_taken' } })
    expect((await call('/api/auth/me', { token: person.token })).body.email).toBe(person.email)
  })

  it('takes more than an access token', async () => {
    const person = await newPerson()
    const { status, body } = await call('/api/auth/change-email', {
      token: person.token,
      json: { new_email: `${randomUUID()}@example.com`, password: 'a guess' },
    })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'step_up_required' })
  })
})

describe('user names', () => {
  it('can be asked for', async () => {
    const person = await newPerson()
    const check = (name: string) =>
      call(`/api/auth/check-username?username=${encodeURIComponent(name)}`)
    expect((await check(person.username.toUpperCase())).body).toMatchObject({
      exists: true,
      available: false,
    })
    expect((await check(`${person.username}x`)).body).toMatchObject({
      exists: false,
      available: true,
    })
    expect((await check(person.email)).body).toMatchObject({ exists: false, available: false })
  })
})
