import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { call, newPerson, sql, waitFor } from '../../support/stack.ts'

/** Names that nobody could tell apart by eye. */

const PASSWORD = 'a long enough password'
const LATIN = 'abcdefghkpqrtuvwz'
/** Of letters that look the same in no other script, so that nothing but what a test adds is mistaken. */
const stem = () => Array.from({ length: 10 }, () => LATIN[randomInt(LATIN.length)]).join('')
/** Cyrillic letters that look like Latin ones, and the Latin ones. */
const CYRILLIC = 'асеорхуѕіјһԁԛԝ'
const TWINS = 'aceopxysijhdqw'
const pair = () => {
  const places = Array.from({ length: 14 }, () => randomInt(CYRILLIC.length))
  const from = (letters: string) => places.map((place) => [...letters][place]).join('')
  return { cyrillic: from(CYRILLIC), latin: from(TWINS) }
}

const register = (username: string) =>
  call('/api/auth/register', { json: { username, password: PASSWORD } })
const check = async (name: string) =>
  (await call(`/api/auth/check-username?username=${encodeURIComponent(name)}`)).body

const alike: [string, () => { first: string; second: string }][] = [
  [
    'l, I and 1',
    () => {
      const name = stem()
      return { first: `${name}l`, second: `${name}I` }
    },
  ],
  [
    'O and 0',
    () => {
      const name = stem()
      return { first: `${name}0`, second: `${name}o` }
    },
  ],
  [
    'rn and m',
    () => {
      const name = stem()
      return { first: `${name}mx`, second: `${name}rnx` }
    },
  ],
  [
    'Latin and Cyrillic letters throughout',
    () => {
      const { latin, cyrillic } = pair()
      return { first: latin, second: cyrillic }
    },
  ],
  [
    'Cyrillic and Latin letters throughout',
    () => {
      const { latin, cyrillic } = pair()
      return { first: cyrillic, second: latin }
    },
  ],
]

describe.each(alike)('two names that differ in %s', (_, make) => {
  it('are not two accounts', async () => {
    const { first, second } = make()
    expect((await register(first)).status).toBe(201)
    expect(await check(second)).toMatchObject({ exists: true, available: false })
    expect(await register(second)).toMatchObject({ status: 409, body: { code: 'username_taken' } })

    const person = await newPerson()
    const renamed = await call('/api/users/me', {
      method: 'PUT',
      token: person.token,
      json: { username: second },
    })
    expect(renamed).toMatchObject({ status: 409, body: { code: 'username_taken' } })
    const admin = await newAdmin()
    const byAdmin = await call(`/api/admin/users/${person.id}`, {
      method: 'PUT',
      token: admin.token,
      json: { username: second, password: `pw-${stem()}-${stem()}` },
    })
    expect(byAdmin).toMatchObject({ status: 409, body: { code: 'username_taken' } })
  })
})

it('lets the owner choose another spelling of a name', async () => {
  const name = stem()
  const person = await newPerson()
  for (const username of [`${name}l`, `${name}I`, `${name}1`]) {
    const { status, body } = await call('/api/users/me', {
      method: 'PUT',
      token: person.token,
      json: { username },
    })
    expect([status, body.username]).toEqual([200, username])
  }
})

it('protects names from before that counted once their owners have signed in', async () => {
  const { latin, cyrillic } = pair()
  const older = await register(cyrillic)
  await sql`update users set username_skeleton = null where username = ${cyrillic}`
  expect(await check(latin)).toMatchObject({ available: true })
  await call('/api/auth/login', { json: { username: cyrillic, password: PASSWORD } })
  await waitFor(async () => !(await check(latin)).available)
  expect((await register(latin)).status).toBe(409)

  // Of two that look the same already, both stay, and sign in.
  const [row] = await sql`select username_skeleton as look from users where id = ${older.body.id}`
  await sql`update users set username_skeleton = null where username = ${cyrillic}`
  await register(latin)
  const login = await call('/api/auth/login', { json: { username: cyrillic, password: PASSWORD } })
  expect(login.status).toBe(200)
  expect(row?.look).toBe(latin)
})
