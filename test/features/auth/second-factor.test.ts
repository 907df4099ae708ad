import { describe, expect, it } from 'vitest'
import { mailTo } from '../../support/mail.ts'
import { codeOf, enrol, letStepsPass, passwordStep } from '../../support/second-factor.ts'
import { call, newPerson, sql } from '../../support/stack.ts'

const verify = (json: Record<string, unknown>) => call('/api/auth/mfa/verify', { json })

describe('adding an authenticator app', () => {
  it('shows a secret and a QR code, and counts from the first right code', async () => {
    const person = await newPerson()
    const begun = await call('/api/auth/mfa/totp', { token: person.token, json: {} })
    expect(begun.body).toMatchObject({ otpauth_url: expect.stringContaining('otpauth://totp/') })
    expect(begun.body.qr_svg).toMatch(/^<svg/)
    expect((await call('/api/auth/mfa', { token: person.token })).body.enabled).toBe(false)

    const confirm = (code: string) =>
      call('/api/auth/mfa/totp/confirm', { token: person.token, json: { code } })
    expect(await confirm('000000')).toMatchObject({ status: 400, body: { code: 'invalid_code' } })
    const confirmed = await confirm(codeOf(String(begun.body.secret)))
    expect(confirmed.body.recovery_codes).toHaveLength(10)
    expect((await call('/api/auth/mfa', { token: person.token })).body).toEqual({
      enabled: true,
      required: false,
      recovery_codes_left: 10,
    })
    expect(await mailTo(person.email, /Two-step sign-in is on/)).toBeDefined()
    const again = await call('/api/auth/mfa/totp', {
      token: person.token,
      json: { code: codeOf(String(begun.body.secret), 1) },
    })
    expect(again.status).toBe(409)
  })

  it('takes more than an access token', async () => {
    const person = await newPerson()
    const wrong = await call('/api/auth/mfa/totp', {
      token: person.token,
      json: { password: 'a guess' },
    })
    expect(wrong).toMatchObject({ status: 403, body: { code: 'step_up_required' } })
  })

  it('keeps secret and recovery codes unreadable', async () => {
    const person = await enrol(await newPerson())
    const rows = await sql`select f.secret_ciphertext, r.hash from totp_factors f
      join recovery_codes r using (user_id) where user_id = ${person.id}`
    expect(rows).toHaveLength(10)
    const text = JSON.stringify(rows)
    for (const secret of [person.secret, ...person.recoveryCodes])
      expect(text).not.toContain(secret)
  })
})

describe('signing in with a second factor', () => {
  it('gives no token before the second step', async () => {
    const person = await enrol(await newPerson())
    const { status, body } = await call('/api/auth/login', {
      json: { username: person.username, password: person.password },
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      mfa_required: true,
      mfa_token: expect.any(String),
      expires_in: 300,
      enrolment_required: false,
    })
    const token = String(body.mfa_token)
    for (const path of ['/api/auth/me', '/v1/models', '/api/auth/mfa'])
      expect((await call(path, { token })).status).toBe(401)

    const done = await verify({ mfa_token: token, code: codeOf(person.secret) })
    expect(done.body).toMatchObject({ token_type: 'bearer', username: person.username })
    expect((await call('/api/auth/me', { token: String(done.body.access_token) })).status).toBe(200)
    await letStepsPass(person)
    expect((await verify({ mfa_token: token, code: codeOf(person.secret) })).status).toBe(401)
  })

  it('takes each code once, and none that is older', async () => {
    const person = await enrol(await newPerson())
    const code = codeOf(person.secret)
    const earlier = codeOf(person.secret, -1)
    expect((await verify({ mfa_token: await passwordStep(person), code })).status).toBe(200)
    const token = await passwordStep(person)
    for (const used of [code, earlier])
      expect(await verify({ mfa_token: token, code: used })).toMatchObject({
        status: 400,
        body: { code: 'invalid_code' },
      })
  })

  it('takes each recovery code once, however it is typed, and tells the owner', async () => {
    const person = await enrol(await newPerson())
    const typed = person.recoveryCodes[0]?.toUpperCase().replaceAll('-', ' ') ?? ''
    const done = await verify({ mfa_token: await passwordStep(person), recovery_code: typed })
    expect(done.status).toBe(200)
    expect(await mailTo(person.email, /recovery code was used/)).toBeDefined()
    const again = await verify({
      mfa_token: await passwordStep(person),
      recovery_code: person.recoveryCodes[0],
    })
    expect(again.status).toBe(400)
    const { body } = await call('/api/auth/mfa', { token: String(done.body.access_token) })
    expect(body.recovery_codes_left).toBe(9)
  })

  it('allows five wrong codes, whatever happens at the first step', async () => {
    const person = await enrol(await newPerson())
    for (let attempt = 0; attempt < 5; attempt++) {
      const { status } = await verify({ mfa_token: await passwordStep(person), code: '000000' })
      expect(status).toBe(400)
    }
    const locked = await verify({
      mfa_token: await passwordStep(person),
      code: codeOf(person.secret),
    })
    expect(locked).toMatchObject({ status: 429, body: { code: 'account_locked' } })
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(60)
  })

  it('ends with the password that it began with', async () => {
    const person = await enrol(await newPerson())
    const token = await passwordStep(person)
    await call('/api/auth/change-password', {
      token: person.token,
      json: {
        old_password: person.password,
        new_password: `other-${person.password}`,
        recovery_code: person.recoveryCodes[0],
      },
    })
    const { status } = await verify({ mfa_token: token, code: codeOf(person.secret) })
    expect(status).toBe(401)
  })
})

describe('removing the app', () => {
  it('takes a code, too', async () => {
    const person = await enrol(await newPerson())
    const disable = (json: Record<string, unknown>) =>
      call('/api/auth/mfa/disable', { token: person.token, json })
    expect(await disable({ password: person.password })).toMatchObject({
      status: 403,
      body: { code: 'step_up_required' },
    })
    const { status } = await disable({ password: person.password, code: codeOf(person.secret) })
    expect(status).toBe(200)
    const { body } = await call('/api/auth/login', {
      json: { username: person.username, password: person.password },
    })
    expect(body.access_token).toBeDefined()
  })

  it('is not needed for new recovery codes, which replace the old ones', async () => {
    const person = await enrol(await newPerson())
    const { body } = await call<{ recovery_codes: string[] }>('/api/auth/mfa/recovery-codes', {
      token: person.token,
      json: { password: person.password, code: codeOf(person.secret) },
    })
    expect(body.recovery_codes).toHaveLength(10)
    const use = async (code: string | undefined) =>
      verify({ mfa_token: await passwordStep(person), recovery_code: code })
    expect((await use(person.recoveryCodes[0])).status).toBe(400)
    expect((await use(body.recovery_codes[0])).status).toBe(200)
  })
})
