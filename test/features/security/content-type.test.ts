import { expect, it } from 'vitest'
import { asAdmin, newAdmin } from '../../support/admin.ts'
import { call, newPerson, sql } from '../../support/stack.ts'

/** Types that only look like JSON's; several lines of a header arrive as one, joined by commas. */
const NO_JSON = [
  'application/json, application/json',
  'application/json,text/plain',
  'application/json-seq',
  'application/jsonp',
  'application/x-json-stream',
  'application/json; charset=utf-16',
  'text/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; a="b',
  ',',
]
const JSON_TYPES = [
  'application/json',
  'Application/JSON ; charset="UTF-8"',
  'application/vnd.api+json',
  'application/json;',
]

it.each(NO_JSON)('a body of the type %s is refused, not overlooked', async (type) => {
  const person = await newPerson()
  const text = JSON.stringify({ models: ['only-this'], quota_per_day: 1 })
  const made = await call('/api/api-keys', {
    method: 'POST',
    token: person.token,
    text,
    headers: { 'content-type': type },
  })
  expect(made).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
  expect(await sql`select 1 from api_keys where user_id = ${person.id}`).toEqual([])
})

it('nor is one without a type, or one that is packed', async () => {
  const { token } = await newPerson()
  const bytes = new TextEncoder().encode('{"models":["only-this"]}')
  for (const headers of [{}, { 'content-type': 'application/json', 'content-encoding': 'gzip' }]) {
    const answer = await call('/api/api-keys', {
      method: 'POST',
      token,
      text: bytes as never,
      headers,
    })
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  }
})

it('a ban keeps its end', async () => {
  const admin = asAdmin(await newAdmin())
  const { id } = await newPerson()
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const doubled = await call(`/api/admin/users/${id}/ban`, {
    method: 'POST',
    token: (await newAdmin()).token,
    text: JSON.stringify({ until }),
    headers: { 'content-type': 'application/json, application/json' },
  })
  expect(doubled.status).toBe(415)
  const { body } = await admin('GET', `/api/admin/users/${id}`)
  expect(body).toMatchObject({ is_active: true, banned_at: null })
})

it.each(JSON_TYPES)('%s is JSON', async (type) => {
  const { token } = await newPerson()
  const { status, body } = await call('/api/api-keys', {
    method: 'POST',
    token,
    text: '{"models":["only-this"]}',
    headers: { 'content-type': type },
  })
  expect([status, body.models]).toEqual([201, ['only-this']])
})

it('what is not UTF-8, or no JSON, is malformed', async () => {
  const { token } = await newPerson()
  const headers = { 'content-type': 'application/json' }
  for (const text of [Uint8Array.of(0x7b, 0xff, 0x7d) as never, ' ', '{"models":['])
    expect((await call('/api/api-keys', { method: 'POST', token, text, headers })).status).toBe(400)
})
