import { beforeAll, describe, expect, it } from 'vitest'
import { arm } from '../../support/chat.ts'
import { ErrorAnswer } from '../../support/openai-schemas.ts'
import { call, newChatter, sql, stack, standIn, type TestPerson } from '../../support/stack.ts'

interface OpenAIErrorBody {
  error: { message: string; code: string }
}
interface GoogleErrorBody {
  error: { code: number; message: string; status: string }
}

const messages = [{ role: 'user', content: 'Hello there' }]
const PICTURE = '/v1beta/models/gemini-2.5-flash-image:generateContent'
const contents = [{ role: 'user', parts: [{ text: 'a cat' }] }]

let person: TestPerson & { key: string }
beforeAll(async () => {
  person = await newChatter()
})

describe('addresses', () => {
  it.each([
    ['POST', '/v1/chat/completions/', 'POST {}/v1/chat/completions'],
    ['POST', '/v1/v1/chat/completions', 'POST {}/v1/chat/completions'],
    ['POST', '/chat/completions', 'POST {}/v1/chat/completions'],
    ['POST', '/v1//chat/completions', 'POST {}/v1/chat/completions'],
    ['GET', '/v1/v1/models', 'GET {}/v1/models'],
    ['POST', '/v1/v1beta/models/m:generateContent', 'POST {}/v1beta/models/m:generateContent'],
    ['POST', '/v1/moderations', 'POST /v1/chat/completions'],
    ['GET', '/v1', '{}/v1'],
  ])('%s %s is a 404 that names the right one', async (method, path, hint) => {
    const { status, body } = await call<OpenAIErrorBody>(path, { method })
    expect(status).toBe(404)
    expect(body.error.message).toContain(hint.replace('{}', stack.baseUrl))
    if (!path.includes('v1beta')) ErrorAnswer.parse(body)
  })

  it.each([
    ['GET', '/v1/chat/completions', 'POST, OPTIONS'],
    ['DELETE', '/v1/models', 'GET, HEAD, OPTIONS'],
    ['GET', PICTURE, 'POST, OPTIONS'],
  ])('%s %s is a 405 that names the methods', async (method, path, allow) => {
    const { status, headers, body } = await call<OpenAIErrorBody>(path, { method })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe(allow)
    if (!path.includes('v1beta')) ErrorAnswer.parse(body)
  })

  it('answer HEAD as GET, without a body', async () => {
    const response = await fetch(`${stack.baseUrl}/v1/models`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${person.key}` },
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })
})

describe('a page in a browser', () => {
  it('may call from anywhere with a key, and never with a cookie', async () => {
    const { status, headers } = await call('/v1/chat/completions', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://somewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-stainless-os',
      },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('access-control-allow-headers')).toContain('x-stainless-os')
  })

  it('may read the answers, errors and streams too', async () => {
    const origin = { origin: 'https://somewhere.example' }
    for (const options of [
      { token: person.key, json: { model: 'gemini-2.5-flash', messages, stream: true } },
      { token: 'sk-wrong', json: {} },
    ]) {
      const { headers } = await call('/v1/chat/completions', { ...options, headers: origin })
      expect(headers.get('access-control-allow-origin')).toBe('*')
    }
  })
})

describe('the account system', () => {
  it('is the one whose accounts can be brought, whatever the plug-in knows', async () => {
    const marker = await arm('slow', { delayMs: 1 })
    await call('/v1/chat/completions', {
      token: person.token,
      headers: { 'x-api-type': 'antigravity' },
      json: { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: marker }] },
    })
    const { requests } = await standIn<{ requests: { body: string; accountType: string }[] }>(
      'requests',
    )
    expect(requests.find((each) => each.body.includes(marker))?.accountType).toBe('antigravity')
  })

  it.each(['kiro', 'qwen'])('%s is refused, for calls and for keys', async (type) => {
    for (const path of ['/v1/models', '/v1/chat/completions']) {
      const { status, body } = await call(path, {
        token: person.token,
        headers: { 'x-api-type': type },
        ...(path !== '/v1/models' && { json: { model: 'm', messages } }),
      })
      expect([status, ErrorAnswer.parse(body).error.param]).toEqual([400, 'X-Api-Type'])
    }
    const made = await call('/api/api-keys', { token: person.token, json: { config_type: type } })
    expect(made.status).toBe(422)
    expect(JSON.stringify(made.body)).toContain('can neither be brought here')
  })

  it('of a key that was made for another one is refused', async () => {
    const { token } = await newChatter()
    const { body } = await call<{ id: number; key: string }>('/api/api-keys', { token, json: {} })
    await sql`update api_keys set config_type = 'kiro' where id = ${body.id}`
    const answer = await call('/v1/chat/completions', {
      token: body.key,
      json: { model: 'gemini-2.5-flash', messages },
    })
    expect([answer.status, ErrorAnswer.parse(answer.body).error.param]).toEqual([
      400,
      'config_type',
    ])
  })

  it('is one that exists', async () => {
    const { status, body } = await call('/v1/chat/completions', {
      token: person.token,
      headers: { 'x-api-type': 'other' },
      json: { model: 'm', messages },
    })
    expect(status).toBe(400)
    expect(ErrorAnswer.parse(body).error.param).toBe('X-Api-Type')
  })
})

describe("pictures in Google's form", () => {
  it.each([
    ['authorization', () => ({ authorization: `Bearer ${person.key}` })],
    ['x-goog-api-key', () => ({ 'x-goog-api-key': person.key })],
  ])('are made for a key in %s', async (_, headers) => {
    for (const verb of ['generateContent', 'streamGenerateContent']) {
      const { status, body } = await call<{ candidates: unknown[] }>(
        PICTURE.replace('generateContent', verb),
        { json: { contents }, headers: headers() },
      )
      expect(status).toBe(200)
      expect(body.candidates).toHaveLength(1)
    }
  })

  it('are not made for a key in the address', async () => {
    const { status, body } = await call<GoogleErrorBody>(`${PICTURE}?key=${person.key}`, {
      json: { contents },
    })
    expect(status).toBe(401)
    expect(body.error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' })
  })

  it.each([
    ['resource_exhausted', 429, 'RESOURCE_EXHAUSTED'],
    ['upstream_400', 400, 'INVALID_ARGUMENT'],
    ['upstream_401', 502, 'UNAVAILABLE'],
    ['upstream_500', 502, 'UNAVAILABLE'],
    ['refuse', 502, 'UNAVAILABLE'],
    ['html_error', 502, 'UNAVAILABLE'],
    ['garbage', 502, 'UNAVAILABLE'],
    ['invalid_key_401', 502, 'UNAVAILABLE'],
  ])('fail truly: %s', async (failure, code, name) => {
    const marker = await arm(failure, { path: '/v1beta/*' })
    const { status, body } = await call<GoogleErrorBody>(PICTURE, {
      token: person.key,
      json: { contents: [{ role: 'user', parts: [{ text: marker }] }] },
    })
    expect(status).toBe(code)
    expect(body.error).toMatchObject({ code, status: name })
    expect(body.error.message).not.toMatch(/[\u4e00-\u9fff]/)
  })

  it('need something to draw', async () => {
    for (const json of [{}, { contents: [] }, { contents: 'cat' }]) {
      const { status, body } = await call<GoogleErrorBody>(PICTURE, { token: person.key, json })
      expect(status).toBe(400)
      expect(body.error.status).toBe('INVALID_ARGUMENT')
    }
  })
})
