import { describe, expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { letLeewayPass } from '../../support/redis.ts'
import { call, newKey, newPerson, sql, waitFor } from '../../support/stack.ts'

interface Pair {
  access_token: string
  refresh_token: string
}

const refresh = (refresh_token: string) =>
  call<Pair>('/api/auth/refresh', { json: { refresh_token } })
const isAlive = async (token: string) =>
  (await call('/api/auth/sessions/current', { token })).status === 200

async function signIn(person: { username: string; password: string }) {
  const { body } = await call<Pair>('/api/auth/login', { json: person })
  return body
}

describe('refresh', () => {
  it('gives a new pair and keeps the session', async () => {
    const person = await newPerson()
    const { status, body, headers } = await refresh(person.refreshToken)
    expect(status).toBe(200)
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 86_400 })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(await isAlive(body.access_token)).toBe(true)
    expect(await isAlive(person.token)).toBe(true)
    expect((await refresh(body.refresh_token)).status).toBe(200)
  })

  it('ends the session of a replayed token, and no other', async () => {
    const person = await newPerson()
    const other = await signIn(person)
    const { body } = await refresh(person.refreshToken)
    await letLeewayPass(person.id)
    const replayed = await refresh(person.refreshToken)
    expect(replayed.status).toBe(401)
    expect(replayed.body).toMatchObject({ code: 'invalid_token' })
    expect(await isAlive(body.access_token)).toBe(false)
    expect((await refresh(body.refresh_token)).status).toBe(401)
    expect(await isAlive(other.access_token)).toBe(true)
    await waitFor(async () => {
      const rows =
        await sql`select * from audit_events where user_id = ${person.id} and event = 'session.refresh_reused'`
      return rows.length === 1
    })
  })

  it('takes neither token in the place of the other', async () => {
    const person = await newPerson()
    expect((await refresh(person.token)).status).toBe(401)
    expect(await isAlive(person.refreshToken)).toBe(false)
    expect((await refresh('nonsense')).status).toBe(401)
    expect((await call('/api/auth/refresh', { method: 'POST' })).status).toBe(401)
  })

  it('stops for a person who has been disabled', async () => {
    const person = await newPerson()
    await changePerson(
      person.id,
      () => sql`update users set is_active = false where id = ${person.id}`,
    )
    expect((await refresh(person.refreshToken)).status).toBe(403)
    expect((await call('/api/auth/me', { token: person.token })).status).toBe(403)
    expect((await call('/api/auth/login', { json: person })).status).toBe(403)
  })
})

describe('signing out', () => {
  it('kills the access token in the same moment', async () => {
    const person = await newPerson()
    const done = await call('/api/auth/logout', {
      token: person.token,
      json: { refresh_token: person.refreshToken },
    })
    expect(done).toMatchObject({ status: 200, body: { success: true } })
    expect(await isAlive(person.token)).toBe(false)
    expect((await refresh(person.refreshToken)).status).toBe(401)
  })

  it('needs no body, and takes a refresh token alone', async () => {
    const person = await newPerson()
    expect((await call('/api/auth/logout', { method: 'POST', token: person.token })).status).toBe(
      200,
    )
    const again = await signIn(person)
    const alone = await call('/api/auth/logout', { json: { refresh_token: again.refresh_token } })
    expect(alone.status).toBe(200)
    expect(await isAlive(again.access_token)).toBe(false)
    expect((await call('/api/auth/logout', { method: 'POST' })).status).toBe(401)
  })

  it("refuses somebody else's refresh token, and ends nothing", async () => {
    const [mine, others] = [await newPerson(), await newPerson()]
    const answer = await call('/api/auth/logout', {
      token: mine.token,
      json: { refresh_token: others.refreshToken },
    })
    expect(answer.status).toBe(403)
    expect(await isAlive(mine.token)).toBe(true)
    expect(await isAlive(others.token)).toBe(true)
  })

  it('everywhere ends every session, of this person only', async () => {
    const [person, other] = [await newPerson(), await newPerson()]
    const second = await signIn(person)
    const answer = await call('/api/auth/logout-all', { method: 'POST', token: person.token })
    expect(answer.status).toBe(200)
    expect(await isAlive(person.token)).toBe(false)
    expect(await isAlive(second.access_token)).toBe(false)
    expect((await refresh(second.refresh_token)).status).toBe(401)
    expect(await isAlive(other.token)).toBe(true)
    expect(await isAlive((await signIn(person)).access_token)).toBe(true)
  })
})

describe('the list of sessions', () => {
  it('says what and where they are, and which is this one', async () => {
    const person = await newPerson()
    await call('/api/auth/login', {
      json: person,
      headers: {
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'cf-connecting-ip': '2001:db8::7',
      },
    })
    const { body } = await call<Record<string, unknown>[]>('/api/auth/sessions', {
      token: person.token,
    })
    expect(body).toHaveLength(2)
    expect(body.find((item) => item.current)).toBeDefined()
    expect(body.find((item) => !item.current)).toMatchObject({
      device: 'Firefox on Linux',
      ip: '2001:db8::7',
    })
  })

  it('ends one of them, and none of somebody else', async () => {
    const [person, other] = [await newPerson(), await newPerson()]
    const second = await signIn(person)
    const { body } = await call<{ id: string; current: boolean }[]>('/api/auth/sessions', {
      token: person.token,
    })
    const id = body.find((item) => !item.current)?.id
    const path = `/api/auth/sessions/${id}`
    expect((await call(path, { method: 'DELETE', token: other.token })).status).toBe(404)
    expect(await isAlive(second.access_token)).toBe(true)
    expect((await call(path, { method: 'DELETE', token: person.token })).status).toBe(200)
    expect(await isAlive(second.access_token)).toBe(false)
    expect(await isAlive(person.token)).toBe(true)
    expect((await call(path, { method: 'DELETE', token: person.token })).status).toBe(404)
  })

  it('is for access tokens only', async () => {
    const person = await newPerson()
    const key = await newKey(person)
    expect((await call('/api/auth/sessions', { token: key })).status).toBe(403)
  })
})

describe('reading the credential', () => {
  const headers = [
    '',
    'Bearer',
    'Bearer ',
    'Bearer  ',
    'Bearer a b',
    'Basic YTpi',
    'bearer x',
    'Bearer ..',
    'Bearer a.b.c',
    `Bearer ${'x'.repeat(8_000)}`,
    'Bearer sk-',
    'Bearer sk-sa-%00',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Bearer \u00e9',
    'Bearer {"a":1}',
    ', Bearer x',
    'Bearer null',
  ]
  it.each(headers)('survives %j', async (authorization) => {
    const { status, headers } = await call('/api/auth/sessions/current', {
      headers: { authorization },
    })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="shared-accounts"/)
  })

  it('does not care how the scheme is written', async () => {
    const { token } = await newPerson()
    for (const authorization of [`bearer ${token}`, `BEARER  ${token} `]) {
      const { status } = await call('/api/auth/sessions/current', { headers: { authorization } })
      expect(status).toBe(200)
    }
  })
})
