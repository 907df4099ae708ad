import { beforeAll, describe, expect, it } from 'vitest'
import { chunks, events, start, streamed, type TestPlugin, type TestUser } from './support.ts'

let plugin: TestPlugin
let user: TestUser
beforeAll(async () => {
  plugin = await start()
  await plugin.control('/config', { consumption: 0 })
  user = await plugin.newUser()
  const cookie = await plugin.addAccount(user)
  keepEnabled = () =>
    plugin.call('PUT', `/api/accounts/${cookie}/status`, user.api_key, { status: 1 })
})
let keepEnabled: () => Promise<unknown>

async function failing(failure: string, stream: boolean, more: object = {}) {
  await plugin.arm(failure, more)
  const answer = await plugin.chat(user, { stream })
  await keepEnabled()
  return answer
}

describe('refusals before the stream', () => {
  it.each(['no_account', 'pool_empty', 'build_failed'])('%s: 500 JSON both ways', async (name) => {
    for (const stream of [true, false]) {
      const answer = await failing(name, stream)
      expect([answer.status, answer.type]).toEqual([500, 'application/json; charset=utf-8'])
      expect(answer.body).toEqual({ error: expect.any(String) })
      expect(answer.body.error.includes('gemini-2.5-flash')).toBe(name === 'pool_empty')
    }
  })
})

describe('upstream failures', () => {
  const cases: [name: string, status: number, plain: string, onStream: string][] = [
    ['upstream_400', 400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
    ['upstream_400_unknown', 400, 'FAILED_PRECONDITION', 'FAILED_PRECONDITION'],
    ['upstream_401', 401, 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
    ['upstream_403', 403, 'FORBIDDEN', 'ALL_ENDPOINTS_403'],
    ['upstream_403_permission', 403, 'PERMISSION_DENIED', 'PERMISSION_DENIED'],
    ['upstream_500', 500, 'INTERNAL', 'INTERNAL'],
    ['upstream_502', 502, '502 Bad Gateway', '502 Bad Gateway'],
    ['upstream_503', 503, 'UNAVAILABLE', 'UNAVAILABLE'],
    ['illegal_prompt', 500, 'ILLEGAL_PROMPT', 'ILLEGAL_PROMPT'],
    ['image_too_large', 400, 'IMAGE_INPUT_EXCEEDED_MAXIMUM_5_MB', 'IMAGE_INPUT_EXCEEDED_MAXIMUM'],
  ]

  it.each(cases)(
    '%s: content on a stream, a status otherwise',
    async (name, status, plain, onStream) => {
      const stream = await failing(name, true)
      expect([stream.status, stream.type]).toEqual([200, 'text/event-stream'])
      expect(events(stream.text)).toHaveLength(3)
      expect(events(stream.text).at(-1)).toBe('[DONE]')
      const [content, finish] = chunks(stream.text)
      expect(content?.choices[0]?.delta.content).toMatch(/^\n\n错误: /)
      expect(content?.choices[0]?.delta.content).toContain(onStream)
      expect(finish?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
      expect(finish && 'usage' in finish).toBe(false)

      const whole = await failing(name, false)
      expect(whole.status).toBe(status)
      expect(Object.keys(whole.body)).toEqual(['error'])
      expect(whole.body.error).toContain(plain)
    },
  )

  it('resource_exhausted: content on a stream, a normal completion otherwise', async () => {
    const stream = await failing('resource_exhausted', true)
    expect(streamed(stream.text)).toBe('\n\n错误: RESOURCE_EXHAUSTED')
    expect(chunks(stream.text).some((chunk) => chunk.usage)).toBe(false)
    const whole = await failing('resource_exhausted', false)
    expect(whole.status).toBe(200)
    expect(whole.body.choices[0]?.message.content).toBe('RESOURCE_EXHAUSTED')
    expect(whole.body.usage?.total_tokens).toBeGreaterThan(0)
  })

  it('terminated_midway: partial content, then the error; 500 otherwise', async () => {
    const stream = await failing('terminated_midway', true, { afterEvents: 3 })
    expect(streamed(stream.text)).toBe('Hello! You said:\n\n错误: terminated')
    expect(events(stream.text).at(-1)).toBe('[DONE]')
    expect(chunks(stream.text).some((chunk) => chunk.usage)).toBe(false)
    const whole = await failing('terminated_midway', false)
    expect([whole.status, whole.body]).toEqual([500, { error: 'terminated' }])
  })

  it('takes a text of its own', async () => {
    const stream = await failing('upstream_503', true, { text: 'overloaded!' })
    expect(streamed(stream.text)).toBe('\n\n错误: overloaded!')
    const whole = await failing('upstream_503', false, { text: 'overloaded!' })
    expect(whole.body).toEqual({ error: 'overloaded!' })
  })
})

describe('blunt failures', () => {
  it('invalid_key_401 is the answer to an invalid key', async () => {
    const invalid = await plugin.call('GET', '/v1/models', 'sk-invalid')
    for (const stream of [true, false]) {
      const answer = await failing('invalid_key_401', stream)
      expect([answer.status, answer.text]).toEqual([401, invalid.text])
    }
    const upstream = await failing('upstream_401', false)
    expect(upstream.status).toBe(401)
    expect(upstream.text).not.toBe(invalid.text)
  })

  it('html_error and http_error answer with any status', async () => {
    const html = await failing('html_error', true)
    expect([html.status, html.type]).toEqual([500, 'text/html; charset=utf-8'])
    const other = await failing('http_error', false, { status: 429, text: 'later' })
    expect([other.status, other.body]).toEqual([429, { error: 'later' }])
  })
})

describe('arming', () => {
  it('hits so many requests and no more', async () => {
    await plugin.arm('upstream_503', { times: 2 })
    const statuses: number[] = []
    for (let request = 0; request < 3; request += 1) {
      statuses.push((await plugin.chat(user, { stream: false })).status)
    }
    expect(statuses).toEqual([503, 503, 200])
  })

  it('hits the path it aims at, exactly or by prefix, and one method', async () => {
    await plugin.arm('http_error', { path: '/api/accounts', status: 503 })
    await plugin.arm('http_error', { path: '/api/quotas/*', status: 504 })
    await plugin.arm('http_error', { path: '/v1/models', method: 'POST' })
    const get = async (path: string) => (await plugin.call('GET', path, user.api_key)).status
    expect(await get('/api/user/me')).toBe(200)
    expect(await get('/api/quotas/user')).toBe(504)
    expect(await get('/api/quotas/user')).toBe(200)
    expect(await get('/api/accounts')).toBe(503)
    expect(await get('/v1/models')).toBe(200)
    await plugin.control('/reset-armed', {})
  })

  it('hits only the requests that match', async () => {
    const other = await plugin.newUser()
    await plugin.addAccount(other)
    await plugin.arm('upstream_503', { match: other.api_key })
    await plugin.arm('upstream_502', { match: 'magic word' })
    expect((await plugin.chat(user, { stream: false })).status).toBe(200)
    expect((await plugin.chat(other, { stream: false })).status).toBe(503)
    const messages = [{ role: 'user', content: 'the magic word' }]
    expect((await plugin.chat(user, { stream: false, messages })).status).toBe(502)
  })

  it('can be taken back, and refuses what it does not know', async () => {
    await plugin.arm('upstream_503')
    expect((await plugin.control('/armed')).body.armed).toHaveLength(1)
    await plugin.control('/reset-armed', {})
    expect((await plugin.chat(user, { stream: false })).status).toBe(200)
    for (const wrong of [
      {},
      { failure: 'nonsense' },
      { failure: 'hang', times: 'x' },
      { failure: 'hang', no: 1 },
    ]) {
      expect((await plugin.control('/arm', wrong)).status).toBe(400)
    }
  })

  it('makes a plain error of an upstream failure elsewhere', async () => {
    await plugin.arm('upstream_503', { path: '/v1/models' })
    const answer = await plugin.call('GET', '/v1/models', user.api_key)
    expect([answer.status, typeof answer.body.error]).toEqual([503, 'string'])
  })
})
