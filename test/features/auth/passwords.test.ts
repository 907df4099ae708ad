import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mailsTo, mailTo, tokenIn } from '../../support/mail.ts'
import { call, newPerson, sql, stack, type TestPerson, waitFor } from '../../support/stack.ts'

const newPassword = () => `new-${randomUUID()}`

function login(person: { username: string }, password: string) {
  return call('/api/auth/login', { json: { username: person.username, password } })
}

/** Asks for a reset and reads the token from the mail. */
async function requestReset(person: TestPerson): Promise<string> {
  const before = (await mailsTo(person.email)).filter((mail) => /new password/.test(mail.subject))
  await call('/api/auth/forgot-password', { json: { email: person.email } })
  await waitFor(
    async () =>
      (await mailsTo(person.email)).filter((mail) => /new password/.test(mail.subject)).length >
      before.length,
  )
  return tokenIn(await mailTo(person.email, /new password/))
}

/** Lets a minute pass for the limit of one mail a minute. */
async function agePreviousMail(person: TestPerson): Promise<void> {
  await sql`update one_time_tokens set created_at = created_at - interval '2 minutes'
    where user_id = ${person.id}`
}

describe('a weak password', () => {
  it.each([
    ['short', /at least 8/],
    ['aaaaaaaaaaaa', /different characters/],
    ['abcdefghij', /row of letters/],
    ['password123', /most common/],
    ['Password1!', /most common/],
    ['x'.repeat(257), /at most 256|different/],
  ])('%s is refused with what to change', async (password, message) => {
    const username = `u${randomUUID().slice(0, 12)}`
    const { status, body } = await call('/api/auth/register', { json: { username, password } })
    expect(status).toBe(422)
    const [error] = body.errors as { path: string; message: string }[]
    expect(error).toMatchObject({ path: 'password' })
    expect(error?.message).toMatch(message)
  })

  it('may not be built from the name or the address', async () => {
    const username = `person${randomUUID().slice(0, 8)}`
    for (const password of [`${username}1`, username.toUpperCase()]) {
      const { status } = await call('/api/auth/register', { json: { username, password } })
      expect(status).toBe(422)
    }
  })
})

describe('changing the password', () => {
  it('needs the old one, keeps this session and ends the others', async () => {
    const person = await newPerson()
    const other = await login(person, person.password)
    const changed = newPassword()
    const wrong = await call('/api/auth/change-password', {
      token: person.token,
      json: { old_password: 'not it at all', new_password: changed },
    })
    expect(wrong.status).toBe(422)
    expect(wrong.body.errors).toMatchObject([{ path: 'old_password' }])

    const { status } = await call('/api/auth/change-password', {
      token: person.token,
      json: { old_password: person.password, new_password: changed },
    })
    expect(status).toBe(200)
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(200)
    expect((await call('/api/auth/me', { token: String(other.body.access_token) })).status).toBe(
      401,
    )
    expect((await login(person, person.password)).status).toBe(401)
    expect((await login(person, changed)).status).toBe(200)
    expect((await mailTo(person.email, /password was changed/)).text).toContain('If it was not you')
  })

  it('counts wrong old passwords', async () => {
    const person = await newPerson()
    for (let attempt = 0; attempt < 5; attempt++)
      await call('/api/auth/change-password', {
        token: person.token,
        json: { old_password: `guess ${attempt}`, new_password: newPassword() },
      })
    const { status } = await call('/api/auth/change-password', {
      token: person.token,
      json: { old_password: person.password, new_password: newPassword() },
    })
    expect(status).toBe(429)
  })
})

describe('a forgotten password', () => {
  it('is replaced with a token from a mail, once, and all sessions end', async () => {
    const person = await newPerson()
    const token = await requestReset(person)
    const mail = await mailTo(person.email, /new password/)
    expect(mail.text).toContain(`${stack.bindings.PUBLIC_URL}/reset-password#token=`)
    expect(mail.html).toContain('<!doctype html>')

    const fresh = newPassword()
    const weak = await call('/api/auth/reset-password', {
      json: { token, new_password: 'qwertyui' },
    })
    expect(weak.status).toBe(422)
    const { status } = await call('/api/auth/reset-password', {
      json: { token, new_password: fresh },
    })
    expect(status).toBe(200)
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(401)
    expect((await login(person, fresh)).status).toBe(200)
    const again = await call('/api/auth/reset-password', {
      json: { token, new_password: newPassword() },
    })
    expect(again).toMatchObject({ status: 400, body: { code: 'invalid_one_time_token' } })
  })

  it('keeps only the hash of the token, and nothing readable of the mail', async () => {
    const person = await newPerson()
    const token = await requestReset(person)
    const rows = await sql`select hash, purpose from one_time_tokens where user_id = ${person.id}`
    expect(JSON.stringify(rows)).not.toContain(token)
    await waitFor(
      async () => (await sql`select 1 from mail_outbox where user_id = ${person.id}`).length === 0,
    )
  })

  it('takes the newest link only', async () => {
    const person = await newPerson()
    const first = await requestReset(person)
    await agePreviousMail(person)
    const second = await requestReset(person)
    expect(second).not.toBe(first)
    const reset = (token: string) =>
      call('/api/auth/reset-password', { json: { token, new_password: newPassword() } })
    expect((await reset(first)).status).toBe(400)
    expect((await reset(second)).status).toBe(200)
  })

  it('takes no link that is older than half an hour', async () => {
    const person = await newPerson()
    const token = await requestReset(person)
    const [row] = await sql`select extract(epoch from expires_at - created_at) as seconds
      from one_time_tokens where user_id = ${person.id} and purpose = 'reset_password'`
    expect(Number(row?.seconds)).toBe(1800)
    await sql`update one_time_tokens set expires_at = now() - interval '1 second'
      where user_id = ${person.id}`
    const { status } = await call('/api/auth/reset-password', {
      json: { token, new_password: newPassword() },
    })
    expect(status).toBe(400)
  })

  it('sends no second mail within a minute', async () => {
    const person = await newPerson()
    await requestReset(person)
    const { status } = await call('/api/auth/request-password-reset', {
      json: { email: person.email },
    })
    expect(status).toBe(202)
    await waitFor(
      async () => (await sql`select 1 from mail_outbox where user_id = ${person.id}`).length === 0,
    )
    const resets = (await mailsTo(person.email)).filter((mail) => /new password/.test(mail.subject))
    expect(resets).toHaveLength(1)
  })

  it('answers alike for people and for nobody', async () => {
    const person = await newPerson()
    const known = await call('/api/auth/forgot-password', { json: { email: person.email } })
    const unknown = await call('/api/auth/forgot-password', {
      json: { email: `${randomUUID()}@example.com` },
    })
    expect(unknown.status).toBe(202)
    expect(unknown.body).toEqual(known.body)
  })
})

describe('a hash from another system', () => {
  it.each([
    ['bcrypt', '$2b$06$UFJuIhslksLm0hPHOy1pheZ.u/wR4kAhHpnOtQfmTJGyUrcVmSCQ2'],
    [
      'werkzeug scrypt',
      'scrypt:32768:8:1$vLmnAEl3aQuHdphq$6531ed23a931a986825877c1e064fc3b03927c64eaa4eef948ef6624de778b95975e147aea6226ca613c484034cddaa366c5226cda5a5447f91ce9478394c58c',
    ],
    [
      'werkzeug pbkdf2',
      'pbkdf2:sha256:600000$iIcuL14iUEX1eBnH$40b2747a505bb2bf4f33086b7a43a441b091bee445521f1e3d3706c2f214b04c',
    ],
    [
      'Argon2id with other parameters',
      '$argon2id$v=19$m=8192,t=1,p=4$bnAe5CJ5gBB2zoASLnathg$nKBfDaTIxgsOWnN+P7mndai4+Vj5Tb+WMxfAIAIbcMg',
    ],
  ])('%s signs in and is replaced', async (_, hash) => {
    const person = await newPerson()
    await sql`update users set password_hash = ${hash} where id = ${person.id}`
    expect((await login(person, 'not it')).status).toBe(401)
    expect((await login(person, 'Grüße von 東京 42')).status).toBe(200)
    await waitFor(async () => {
      const [row] = await sql`select password_hash from users where id = ${person.id}`
      const { ARGON2_MEMORY_KIB: memory, ARGON2_PASSES: passes } = stack.bindings
      return String(row?.password_hash).startsWith(`$argon2id$v=19$m=${memory},t=${passes},p=1$`)
    })
    expect((await login(person, 'Grüße von 東京 42')).status).toBe(200)
  })
})
