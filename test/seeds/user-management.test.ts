import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../support/admin.ts'
import { mailTo, tokenIn } from '../support/mail.ts'
import { call, newPerson, stack, type TestPerson } from '../support/stack.ts'
import { workerWith } from '../support/worker-with.ts'

/**
 * The examples of account and user management in the documents of the four sign-in services, as
 * written there but for hosts, names and secrets.
 */

let admin: TestPerson

beforeAll(async () => {
  admin = await newAdmin()
})

const json = { 'content-type': 'application/json' }
const uniqueName = (prefix: string) => `${prefix}${randomUUID().slice(0, 8)}`

/** A call whose body is the text of the document. */
async function send(method: string, path: string, body: string | null, token?: string) {
  const response = await fetch(stack.baseUrl + path, {
    method,
    headers: { ...json, ...(token && { authorization: `Bearer ${token}` }) },
    ...(body !== null && { body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('the service with /users and /admin/users', () => {
  it('current user, with the token and with an API key of its own', async () => {
    const person = await newPerson()
    const key = await send(
      'POST',
      '/users/api-keys',
      '{ "name": "My Service", "scopes": ["read:users", "write:users"] }',
      person.token,
    )
    expect(key.status).toBe(201)
    expect((await send('GET', '/users/me', null, person.token)).body.id).toBe(person.id)
    const byKey = await call('/users/me', { headers: { 'x-api-key': String(key.body.key) } })
    expect(byKey.body).toMatchObject({ id: person.id, email: person.email })
    const list = await call<{ id: number }[]>('/users/api-keys', { token: person.token })
    expect(list.body.map((item) => item.id)).toEqual([key.body.id])
    const removed = await send('DELETE', `/users/api-keys/${key.body.id}`, null, person.token)
    expect(removed.status).toBe(200)
    expect(
      (await call('/users/me', { headers: { 'x-api-key': String(key.body.key) } })).status,
    ).toBe(401)
  })

  it('registers with an address, a name and a password, and updates the current user', async () => {
    const username = uniqueName('testuser')
    const registered = await send(
      'POST',
      '/auth/register',
      `{ "email": "${username}@optima.ai", "password": "${randomUUID()}", "username": "${username}" }`,
    )
    expect(registered).toMatchObject({ status: 201, body: { username } })
    const person = await newPerson()
    const renamed = uniqueName('renamed')
    const updated = await send('PUT', '/users/me', `{ "username": "${renamed}" }`, person.token)
    expect(updated).toMatchObject({ status: 200, body: { username: renamed } })
  })

  it('refuses the document\'s own "test123" and says what to change', async () => {
    const { status, body } = await send(
      'POST',
      '/auth/register',
      `{ "email": "${uniqueName('t')}@optima.ai", "password": "test123" }`,
    )
    expect(status).toBe(422)
    expect(JSON.stringify(body.errors)).toContain('at least 8')
  })

  it('takes "test123" where the operator has switched the rules off', async () => {
    const lenient = await workerWith({ PASSWORD_POLICY: 'off' })
    const strict = await workerWith({ PASSWORD_MIN_LENGTH: '12' })
    const username = uniqueName('testuser')
    const register = (url: string, password: string) =>
      call('/auth/register', {
        json: { email: `${uniqueName('t')}@optima.ai`, password, username: uniqueName('t') },
        baseUrl: url,
      })
    const registered = await call('/auth/register', {
      json: { email: `${username}@optima.ai`, password: 'test123', username },
      baseUrl: lenient.url,
    })
    expect(registered.status).toBe(201)
    const signedIn = await call('/auth/login', {
      json: { email: `${username}@optima.ai`, password: 'test123' },
      baseUrl: lenient.url,
    })
    expect(signedIn.status).toBe(200)
    expect((await register(lenient.url, 'abc12')).status).toBe(422)
    expect((await register(strict.url, 'Xq7-vt2-Lm')).body.detail).toContain('at least 12')
    expect((await register(strict.url, 'Xq7-vt2-Lm-9w')).status).toBe(201)
    await Promise.all([lenient.close(), strict.close()])
  })

  it('forgot and reset password', async () => {
    const person = await newPerson()
    const asked = await send('POST', '/auth/forgot-password', `{ "email": "${person.email}" }`)
    expect(asked.status).toBe(202)
    const token = tokenIn(await mailTo(person.email, /new password/))
    const password = randomUUID()
    const reset = await send(
      'POST',
      '/auth/reset-password',
      `{ "token": "${token}", "new_password": "${password}" }`,
    )
    expect(reset.status).toBe(200)
  })

  it('administrators list, read, update, ban and delete users', async () => {
    const person = await newPerson()
    const path = `/admin/users/${person.id}`
    const list = await send('GET', '/admin/users', null, admin.token)
    expect((list.body.items as { id: number }[]).length).toBeGreaterThan(0)
    expect((await send('GET', path, null, admin.token)).body.username).toBe(person.username)
    expect((await send('PUT', path, '{ "trust_level": 2 }', admin.token)).body.trust_level).toBe(2)
    expect((await send('POST', `${path}/ban`, null, admin.token)).body.is_active).toBe(false)
    expect((await send('DELETE', path, null, admin.token)).status).toBe(200)
    expect((await send('GET', path, null, admin.token)).status).toBe(404)
  })
})

describe('the service with one response format', () => {
  it('registers and signs in with "securepassword123"', async () => {
    const email = `${randomUUID()}@example.com`
    const username = uniqueName('testuser')
    const registered = await send(
      'POST',
      '/auth/register',
      `{
    "email": "${email}",
    "username": "${username}",
    "password": "securepassword123"
  }`,
    )
    expect(registered.status).toBe(201)
    const login = await send(
      'POST',
      '/auth/login',
      `{
    "email": "${email}",
    "password": "securepassword123"
  }`,
    )
    expect(login.body.access_token).toBeDefined()
  })
})

describe('the service with user management by name', () => {
  it('adds, renames, gives a password, deactivates and deletes', async () => {
    const name = uniqueName('new_username')
    const [password, next] = [randomUUID(), randomUUID()]
    const added = await send(
      'POST',
      '/users/add_user',
      `{
    "username": "${name}",
    "password": "${password}",
    "role": "user"
  }`,
      admin.token,
    )
    expect(added).toMatchObject({ status: 201, body: { user: { username: name, role: 'user' } } })
    const login = (username: string, secret: string) =>
      send('POST', '/auth/login', JSON.stringify({ username, password: secret }))
    expect((await login(name, password)).body).toMatchObject({ role: 'user', username: name })

    const renamed = `${name}_2`
    const update = await send(
      'PUT',
      '/users/update_username',
      `{
    "old_username": "${name}",
    "new_username": "${renamed}"
  }`,
      admin.token,
    )
    expect(update.status).toBe(200)
    const given = await send(
      'PUT',
      '/users/update_password',
      `{
    "username": "${renamed}",
    "new_password": "${next}"
  }`,
      admin.token,
    )
    expect(given.status).toBe(200)
    expect((await login(renamed, next)).status).toBe(200)

    for (const [isActive, status] of [
      [false, 403],
      [true, 200],
    ] as const) {
      await send(
        'PUT',
        '/users/set_user_active_status',
        `{
    "username": "${renamed}",
    "is_active": ${isActive}
  }`,
        admin.token,
      )
      expect((await login(renamed, next)).status).toBe(status)
    }
    const deleted = await send(
      'POST',
      '/users/delete_user',
      `{
    "username": "${renamed}"
  }`,
      admin.token,
    )
    expect(deleted.status).toBe(200)
    expect((await login(renamed, next)).status).toBe(401)
  })

  it('is for administrators', async () => {
    const person = await newPerson()
    const { status } = await send(
      'POST',
      '/users/delete_user',
      `{ "username": "${admin.username}" }`,
      person.token,
    )
    expect(status).toBe(403)
  })
})

describe('the platform with /api/auth', () => {
  it('registers with an address and a password, and signs in', async () => {
    const email = `${randomUUID()}@example.com`
    const registered = await send(
      'POST',
      '/api/auth/register',
      `{
    "email": "${email}",
    "password": "securepassword"
}`,
    )
    expect(registered).toMatchObject({ status: 201, body: { email, is_verified: false } })
    const login = await send(
      'POST',
      '/api/auth/login',
      `{
    "email": "${email}",
    "password": "securepassword"
}`,
    )
    expect(login.body).toMatchObject({
      token_type: 'bearer',
      user: { id: registered.body.id, email, is_verified: false },
    })
  })

  it('changes the password, asks for a reset and resets it', async () => {
    const person = await newPerson()
    const [changed, reset] = [randomUUID(), randomUUID()]
    const change = await send(
      'POST',
      '/api/auth/change-password',
      `{
    "old_password": "${person.password}",
    "new_password": "${changed}"
}`,
      person.token,
    )
    expect(change.status).toBe(200)
    const asked = await send(
      'POST',
      '/api/auth/request-password-reset',
      `{
    "email": "${person.email}"
}`,
    )
    expect(asked.status).toBe(202)
    const token = tokenIn(await mailTo(person.email, /new password/))
    const done = await send(
      'POST',
      '/api/auth/reset-password',
      `{
    "token": "${token}",
    "new_password": "${reset}"
}`,
    )
    expect(done.status).toBe(200)
    const login = await send(
      'POST',
      '/api/auth/login',
      JSON.stringify({ email: person.email, password: reset }),
    )
    expect(login.status).toBe(200)
  })
})
