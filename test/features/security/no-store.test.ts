import { expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { chat, MODEL } from '../../support/chat.ts'
import { call, newChatter, newKey, newPerson } from '../../support/stack.ts'
import { readSurface } from '../../support/surface.ts'

/** What anybody may keep: there is nothing of anybody's in it. */
const PUBLIC = [
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-protected-resource/v1',
  '/oauth/jwks',
]

const surface = await readSurface()

it('no answer that holds a secret or is about somebody stays in a cache', async () => {
  const admin = await newAdmin()
  for (const { method, path } of surface.declared) {
    if (PUBLIC.includes(path) || method !== 'GET') continue
    const { headers } = await call<unknown>(path.replace(/:\w+(\{[^}]*\})?/g, '1'), {
      method,
      token: admin.token,
    })
    expect([method, path, headers.get('cache-control')]).toEqual([method, path, 'no-store'])
  }
})

it('nor does what makes secrets, or the export', async () => {
  const person = await newPerson()
  const answers = [
    await call('/api/auth/login', {
      json: { username: person.username, password: person.password },
    }),
    await call('/api/api-keys', { token: person.token, json: {} }),
    await call('/api/auth/refresh', { json: { refresh_token: person.refreshToken } }),
    await call('/v1/models', { token: await newKey(person) }),
    await call('/api/users/me', { token: person.token, headers: { prefer: 'envelope' } }),
    await call('/api/users/me/export', { token: person.token }),
  ]
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store')
})

it('nor does what a model says, whole or as a stream, in whatever protocol', async () => {
  const { key } = await newChatter()
  for (const stream of [false, true]) {
    const { status, headers } = await chat({ key, stream })
    expect([status, headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('no-store'),
    ])
    for (const [path, json] of [
      ['/v1/messages', { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }],
      ['/v1/responses', { input: 'hi' }],
    ] as const) {
      const body = { model: MODEL, stream, ...json }
      const answer = await call(path, { token: key, json: body })
      expect([path, answer.status, answer.headers.get('cache-control')]).toEqual([
        path,
        200,
        expect.stringContaining('no-store'),
      ])
    }
  }
})
