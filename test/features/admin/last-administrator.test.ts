import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnStack, ownStack } from '../../support/own-stack.ts'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'

const ROUNDS = 20
const PARALLEL = 50

/** Alone in a database: who is the last administrator depends on everybody in it. */
let own: OwnStack
let people: TestPerson[]

beforeAll(async () => {
  own = await ownStack()
  people = []
  for (let index = 0; index < 4; index++) people.push(await newPerson(own.baseUrl))
})

afterAll(async () => {
  await own?.[Symbol.asyncDispose]()
})

/** Makes the first so many administrators and everybody active, as if nothing had happened. */
async function administrators(count: number): Promise<TestPerson[]> {
  const ids = people.slice(0, count).map((person) => person.id)
  await own.sql`update users set role = 'user', is_active = true, banned_at = null`
  await own.sql`update users set role = 'admin' where id = any(${ids}::integer[])`
  const admins = []
  for (const person of people.slice(0, count)) {
    const { body } = await call<{ access_token: string }>('/api/auth/login', {
      json: { username: person.username, password: person.password },
      baseUrl: own.baseUrl,
    })
    admins.push({ ...person, token: body.access_token })
  }
  // What the gate remembers of an earlier round.
  await redisFlushPeople()
  return admins
}

async function redisFlushPeople(): Promise<void> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = own.stack.bindings
  const keys = people.map((person) => `person:${person.id}`)
  await fetch(url ?? '', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(['DEL', ...keys]),
  })
}

const activeAdministrators = async () => {
  const rows = await own.sql`select id from users where role = 'admin' and is_active`
  return rows.length
}

const ask = (admin: TestPerson | undefined, method: string, path: string, json?: unknown) =>
  call(path, {
    method,
    baseUrl: own.baseUrl,
    ...(admin && { token: admin.token }),
    ...(json !== undefined && { json }),
  })

describe('the last administrator', () => {
  it('cannot be demoted, deactivated, banned or deleted, not even by themselves', async () => {
    const [admin] = await administrators(1)
    const path = `/api/admin/users/${admin?.id}`
    const { username } = admin ?? {}
    for (const answer of [
      await ask(admin, 'PUT', path, { role: 'user' }),
      await ask(admin, 'PUT', path, { is_active: false }),
      await ask(admin, 'POST', `${path}/ban`),
      await ask(admin, 'PUT', '/api/users/set_user_active_status', { username, is_active: false }),
      await ask(admin, 'DELETE', '/api/users/me', {}),
    ])
      expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
    expect(await activeAdministrators()).toBe(1)
    // A refusal signs nobody out.
    expect((await ask(admin, 'GET', '/api/auth/me')).status).toBe(200)
  })

  it('remains when all administrators take each other away at once', {
    timeout: 300_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const admins = await administrators(4)
      await Promise.all(
        Array.from({ length: PARALLEL }, (_, index) => {
          const admin = admins[index % admins.length]
          // Another one each time, and at times themselves.
          const victim = admins[(index + Math.floor(index / admins.length)) % admins.length]
          const path = `/api/admin/users/${victim?.id}`
          return index % 2
            ? ask(admin, 'PUT', path, { role: 'user' })
            : ask(admin, 'POST', `${path}/ban`, { reason: 'race' })
        }),
      )
      expect(await activeAdministrators()).toBeGreaterThanOrEqual(1)
    }
  })
})
