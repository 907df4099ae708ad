import { beforeAll, describe, expect, it } from 'vitest'
import { bringAccount, call, newPerson, stack, type TestPerson } from '../support/stack.ts'

/** The example calls of the shared account management document, as written there but for host and secrets. */

let person: TestPerson
const bearer = () => ({
  authorization: `Bearer ${person.token}`,
  'content-type': 'application/json',
})

beforeAll(async () => {
  person = await newPerson()
  await bringAccount(person)
})

describe('traditional login', () => {
  it('answers as in "Login Response Example"', async () => {
    const { status, body } = await call('/api/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      text: `{
    "username": "${person.username}",
    "password": "${person.password}"
  }`,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'bearer',
      expires_in: 86_400,
      user: {
        id: person.id,
        username: person.username,
        avatar_url: null,
        trust_level: 0,
        is_active: true,
        is_silenced: false,
      },
    })
  })
})

it('get current user info', async () => {
  const { status, body } = await call('/api/auth/me', { headers: bearer() })
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: person.id, username: person.username })
})

describe('API key management', () => {
  it('creates, lists and deletes', async () => {
    const created = await call<{ id: number; key: string }>('/api/api-keys', {
      method: 'POST',
      headers: bearer(),
      text: `{
    "name": "My API Key",
    "description": "Key for testing"
  }`,
    })
    expect(created.body).toMatchObject({
      name: 'My API Key',
      description: 'Key for testing',
      key: expect.stringMatching(/^sk-/),
    })
    const list = await call<{ id: number }[]>('/api/api-keys', { headers: bearer() })
    expect(list.body.map(({ id }) => id)).toContain(created.body.id)
    const deleted = await call(`/api/api-keys/${created.body.id}`, {
      method: 'DELETE',
      headers: bearer(),
    })
    expect(deleted.body).toMatchObject({ success: true })
  })
})

describe('AI chat', () => {
  it('streams at the plug-in path', async () => {
    const { status, headers, body } = await call<string>('/api/plugin-api/chat/completions', {
      method: 'POST',
      headers: bearer(),
      text: `{
    "model": "gemini-3-pro-high",
    "messages": [
      {"role": "user", "content": "Hello, please introduce yourself"}
    ],
    "stream": true
  }`,
    })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('text/event-stream')
    expect(body.trimEnd().endsWith('data: [DONE]')).toBe(true)
  })

  it('answers in the OpenAI compatible format', async () => {
    const { status, body } = await call('/v1/chat/completions', {
      method: 'POST',
      headers: bearer(),
      text: `{
    "model": "gemini-3-pro-high",
    "messages": [
      {"role": "user", "content": "Hello, please introduce yourself"}
    ],
    "stream": false
  }`,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hello! You said: Hello, please introduce yourself' } }],
    })
  })

  it('lists the models under both paths', async () => {
    for (const path of ['/v1/models', '/api/plugin-api/models']) {
      const { body } = await call<{ data: { id: string }[] }>(path, { headers: bearer() })
      expect(body.data.map(({ id }) => id)).toContain('gemini-3-pro-high')
    }
  })

  it('shows the accounts and begins another authorization', async () => {
    const accounts = await call<{ data: unknown[] }>('/api/plugin-api/accounts', {
      headers: bearer(),
    })
    expect(accounts.body.data).toHaveLength(1)
    const { body } = await call<{ data: { auth_url: string } }>('/api/plugin-api/oauth/authorize', {
      method: 'POST',
      headers: bearer(),
      text: '{"is_shared": 1}',
    })
    expect(body.data.auth_url).toMatch(/^http/)
  })
})

it('get quota information', async () => {
  const { status, body } = await call<{ success: boolean; data: unknown[] }>(
    '/api/plugin-api/quotas/user',
    { headers: bearer() },
  )
  expect(status).toBe(200)
  expect(body).toEqual({ success: true, data: [] })
  // There is something to show once an account has been lent to everybody.
  await bringAccount(person, 1)
  const lent = await call<{ data: { model_name: string }[] }>('/api/plugin-api/quotas/user', {
    headers: bearer(),
  })
  expect(lent.body.data).toContainEqual(
    expect.objectContaining({
      model_name: 'gemini-3-pro-high',
      quota: expect.any(Number),
      max_quota: 2,
    }),
  )
})

it('health check', async () => {
  expect((await call('/api/health')).body).toMatchObject({ status: 'healthy' })
})

it('API documentation at its three addresses', async () => {
  for (const path of ['/api/docs', '/api/redoc', '/api/openapi.json']) {
    expect((await fetch(stack.baseUrl + path)).status).toBe(200)
  }
})
