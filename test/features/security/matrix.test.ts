import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { changePerson } from '../../support/admin.ts'
import { enrol, passwordStep } from '../../support/second-factor.ts'
import {
  bringAccount,
  call,
  newPerson,
  sql,
  stack,
  type TestPerson,
  waitFor,
} from '../../support/stack.ts'
import { readSurface } from '../../support/surface.ts'
import { workerWith } from '../../support/worker-with.ts'
import { MATRIX, PAGES, type Row } from './matrix.ts'

/** An id that nobody and nothing has. */
const NO_ID = '2147483647'

const surface = await readSurface()

describe('the matrix', () => {
  it('has every endpoint, with the access that it declares', () => {
    const declared = Object.fromEntries(
      surface.declared.map(({ method, path, auth }) => [`${method} ${path}`, auth]),
    )
    const expected = Object.fromEntries(
      Object.entries(MATRIX).map(([route, { auth }]) => [route, auth]),
    )
    expect(declared).toEqual(expected)
  })

  it('has everything that the router holds', () => {
    const known = new Set(
      Object.keys(MATRIX).flatMap((route) => [route, route.replace(' /api/', ' /')]),
    )
    for (const page of Object.keys(PAGES)) known.add(page)
    expect([...surface.routed].filter((route) => !known.has(route))).toEqual([])
  })
})

interface Credentials {
  person: TestPerson
  admin: TestPerson
  expired: string
  revoked: string
  disabled: string
  modelManager: string
  /** Keys: of a person and of an administrator, without scopes and with one of the other kind. */
  plainKey: string
  /** Of the scope `read:users`. */
  readingKey: string
  narrowKey: string
  adminKey: string
  /** A person's key that carries the scopes of administrative work. */
  greedyKey: string
  deletedKey: string
  /** For the second step of a sign-in, and for nothing else. */
  mfaToken: string
  owner: TestPerson
  others: Record<NonNullable<Row['owned']>, string>
  /** A model of the owner's AI account. */
  model: string
}

let have: Credentials

async function withChange(change: (id: number) => Promise<unknown>): Promise<TestPerson> {
  const person = await newPerson()
  await changePerson(person.id, () => change(person.id))
  return person
}
const setRole = (role: string) => (id: number) =>
  sql`update users set role = ${role} where id = ${id}`

async function createKey(token: string, scopes?: string[]) {
  const { body } = await call<{ key: string; id: number }>('/api/api-keys', {
    token,
    json: { ...(scopes && { scopes }) },
  })
  return body
}

/** Adds an identity as a sign-in through a provider would. */
async function identityOf(userId: number): Promise<string> {
  const [row] = await sql`insert into identities
    (user_id, provider, issuer, subject, created_at, updated_at)
    values (${userId}, 'nobody', 'https://nobody.example', ${`subject-${userId}`}, now(), now())
    returning id`
  return String(row?.id)
}

/** Adds an application as its owner would where people may have some. */
async function clientOf(userId: number): Promise<string> {
  const id = `client-of-${userId}`
  await sql`insert into oauth_clients
    (client_id, name, owner_user_id, source, auth_method, redirect_uris, post_logout_redirect_uris,
      grant_types, scopes, created_at, updated_at)
    values (${id}, 'theirs', ${userId}, 'user', 'client_secret_basic',
      '{https://app.example.com/callback}', '{}', '{authorization_code}', '{chat}', now(), now())`
  return id
}

beforeAll(async () => {
  await using shortLived = await workerWith({ ACCESS_TOKEN_EXPIRE_MINUTES: '0.02' })
  const [person, admin, modelManager, other, leaver, expiring] = await Promise.all([
    newPerson(),
    withChange(setRole('admin')),
    withChange(setRole('model_manager')),
    newPerson(),
    newPerson(),
    newPerson(shortLived.url),
  ])
  const disabled = await withChange(
    (id) => sql`update users set is_active = false where id = ${id}`,
  )
  await call('/api/auth/logout', { method: 'POST', token: leaver.token })
  const { token: expired } = expiring
  await waitFor(async () => (await call('/api/auth/me', { token: expired })).status === 401)
  const deleted = await createKey(person.token)
  await call(`/api/api-keys/${deleted.id}`, { method: 'DELETE', token: person.token })
  const accountId = await bringAccount(other)
  const { body: quotas } = await call<{ data: { model_name: string }[] }>(
    `/api/plugin-api/accounts/${accountId}/quotas`,
    { token: other.token },
  )
  const { body: sessions } = await call<{ id: string }[]>('/api/auth/sessions', {
    token: other.token,
  })
  have = {
    person,
    admin,
    expired,
    revoked: leaver.token,
    disabled: disabled.token,
    modelManager: modelManager.token,
    plainKey: (await createKey(person.token)).key,
    narrowKey: (await createKey(person.token, ['write:users'])).key,
    readingKey: (await createKey(person.token, ['read:users'])).key,
    adminKey: (await createKey(admin.token)).key,
    greedyKey: (await createKey(person.token, ['read:users', 'write:users'])).key,
    deletedKey: deleted.key,
    mfaToken: await passwordStep(await enrol(await newPerson())),
    owner: other,
    model: quotas.data[0]?.model_name ?? '',
    others: {
      account: accountId,
      session: sessions[0]?.id ?? '',
      'api-key': String((await createKey(other.token)).id),
      identity: await identityOf(other.id),
      client: await clientOf(other.id),
    },
  }
  // The person's account at the plug-in API is set up, so that every route can answer.
  await waitFor(async () => {
    const { body } = await call('/api/plugin-api/key', { token: person.token })
    return body.state === 'ready'
  })
})

interface Asked {
  token?: string
  /** Of a thing, and its model; without it there is no such thing. */
  id?: string | undefined
  model?: string
  json?: Record<string, unknown> | undefined
}

function ask(route: string, { token, id, model = 'no-model', json }: Asked = {}) {
  const [method = '', path = ''] = route.split(' ')
  return call<unknown>(
    path
      .replace(/:id(\{[^}]*\})?/, id ?? NO_ID)
      .replace(':provider', 'nobody')
      .replace(':cookie_id', id ?? '0'.repeat(32))
      .replace(':model_name', encodeURIComponent(model))
      .replace(/:target\{.*\}$/, 'gemini-3-pro-image:generateContent'),
    {
      method,
      ...(token && { token }),
      ...(json && { json }),
    },
  )
}

const routes = Object.entries(MATRIX)
const guarded = routes.filter(([, { auth }]) => auth !== 'public' && auth !== 'optional')
const isFor = (kind: 'scope' | 'namedScope' | 'permission') => (entry: [string, Row]) =>
  typeof entry[1].auth === 'object' && kind in entry[1].auth

describe.each(guarded)('%s', (route, row) => {
  it('refuses whoever shows nothing, under both of its addresses', async () => {
    for (const address of new Set([route, route.replace(' /api/', ' /')])) {
      const { status, headers } = await ask(address)
      expect(status).toBe(401)
      const where = `${stack.bindings.PUBLIC_URL}/.well-known/oauth-protected-resource/mcp`
      const more = route.endsWith(' /mcp') ? `, resource_metadata="${where}"` : ''
      expect(headers.get('www-authenticate')).toBe(`Bearer realm="shared-accounts"${more}`)
    }
  })

  it('refuses what is wrong, expired or revoked', async () => {
    const { person, expired, revoked, deletedKey, mfaToken } = have
    const refresh = person.refreshToken
    const dead = { refresh, expired, revoked, deletedKey, mfaToken, junk: 'a.b.c' }
    for (const [name, token] of Object.entries(dead)) {
      const { status, headers } = await ask(route, { token })
      expect(status, name).toBe(401)
      expect(headers.get('www-authenticate'), name).toContain('error="invalid_token"')
    }
  })

  it('refuses a disabled account', async () => {
    expect((await ask(route, { token: have.disabled })).status).toBe(403)
  })

  it('lets the right credential through', async () => {
    const needsAdmin = typeof row.auth === 'object' && 'permission' in row.auth
    const { token } = needsAdmin ? have.admin : row.isFinal ? await newPerson() : have.person
    expect((await ask(route, { token })).status).toBe(row.answers)
  })
})

describe.each(routes.filter(([, { auth }]) => auth === 'session'))('%s', (route) => {
  it('refuses an API key', async () => {
    for (const token of [have.plainKey, have.greedyKey])
      expect((await ask(route, { token })).status).toBe(403)
  })
})

describe.each(routes.filter(isFor('scope')))('%s', (route, { answers }) => {
  it('takes a key, unless it was narrowed to something else', async () => {
    expect((await ask(route, { token: have.plainKey })).status).toBe(answers)
    const { status, headers } = await ask(route, { token: have.narrowKey })
    expect(status).toBe(403)
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"')
  })
})

describe.each(routes.filter(isFor('namedScope')))('%s', (route, { answers }) => {
  it('takes a key that was made for it, and no other', async () => {
    expect((await ask(route, { token: have.greedyKey })).status).toBe(answers)
    for (const token of [have.plainKey, have.readingKey]) {
      const { status, headers } = await ask(route, { token })
      expect(status).toBe(403)
      expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    }
  })
})

const isForManagers = ([, { auth }]: [string, Row]) =>
  typeof auth === 'object' && 'permission' in auth && auth.permission === 'models:manage'

describe.each(routes.filter(isFor('permission')))('%s', (route, row) => {
  it('refuses every other role, and keys that were not made for it', async () => {
    const { person, plainKey, greedyKey, adminKey } = have
    const modelManager = isForManagers([route, row]) ? undefined : have.modelManager
    const refused = { person: person.token, modelManager, plainKey, greedyKey, adminKey }
    for (const [name, token] of Object.entries(refused))
      if (token) expect((await ask(route, { token })).status, name).toBe(403)
  })
})

describe.each(routes.filter(isForManagers))('%s', (route, { answers }) => {
  it('is for whoever manages models', async () => {
    expect((await ask(route, { token: have.modelManager })).status).toBe(answers)
  })
})

describe.each(routes.filter(([, { owned }]) => owned))('%s', (route, { owned, change }) => {
  it("does not know what is somebody else's", async () => {
    const { others, person, owner, model } = have
    const id = others[owned ?? 'session']
    expect(id).toMatch(/^[\w-]+$/)
    const asked = { id, model, json: change }
    expect((await ask(route, { ...asked, token: person.token })).status).toBe(404)
    // What it says is not what is wrong with it.
    if (change) expect((await ask(route, { ...asked, token: owner.token })).status).toBe(200)
  })
})

it('the token between the two steps of a sign-in is good for the second step alone', async () => {
  const { mfaToken } = have
  const asking: [string, Record<string, unknown>, number][] = [
    ['/api/auth/refresh', { refresh_token: mfaToken }, 401],
    ['/api/auth/reset-password', { token: mfaToken, new_password: `new-${randomUUID()}` }, 400],
    ['/api/auth/verify-email', { token: mfaToken }, 400],
    ['/api/auth/confirm-email', { token: mfaToken }, 400],
    // Is for people who have no second factor yet.
    ['/api/auth/mfa/enrol', { mfa_token: mfaToken }, 401],
  ]
  for (const [path, json, status] of asking)
    expect((await call(path, { json })).status, path).toBe(status)
})

/** Signing out is the one call that is optional in how it is asked, and in nothing else. */
const isOpen = ([route, { auth }]: [string, Row]) =>
  auth === 'public' || (auth === 'optional' && !route.endsWith('/logout'))

describe.each(routes.filter(isOpen))('%s', (route, { answers }) => {
  it('is open to everybody, whatever they show', async () => {
    expect((await ask(route)).status).toBe(answers)
    expect((await ask(route, { token: have.revoked })).status).toBe(answers)
  })
})

describe('POST /api/auth/logout', () => {
  it('wants a credential that holds, and is not for keys', async () => {
    const route = 'POST /api/auth/logout'
    for (const token of [undefined, have.expired, have.revoked, have.person.refreshToken])
      expect((await ask(route, { ...(token && { token }) })).status).toBe(401)
    expect((await ask(route, { token: have.plainKey })).status).toBe(403)
    expect((await ask(route, { token: have.disabled })).status).toBe(403)
  })
})

it.each(Object.entries(PAGES))('%s is open to everybody', async (route, status) => {
  expect((await ask(route.replace('*', 'nothing-of-ours'))).status).toBe(status)
})
