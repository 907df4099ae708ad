import { randomUUID } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { call, newKey, newPerson, stack } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

interface Operation {
  operationId: string
  security: object[]
  requestBody?: { content: Record<string, { example?: unknown }> }
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>
}
type Description = { paths: Record<string, Record<string, Operation>> }

const descriptionOf = async (url: string) =>
  (await (await fetch(`${url}/api/openapi.json`)).json()) as Description

describe('the examples', () => {
  const PASSWORD = 'a long enough password'

  /** Somebody of the password that the examples have. */
  async function tokenOfSomebody(): Promise<string> {
    const username = `u${randomUUID().slice(0, 13)}`
    const json = { username, email: `${username}@example.com`, password: PASSWORD }
    await call('/api/auth/register', { json })
    return String((await call('/api/auth/login', { json })).body.access_token)
  }

  it('can be sent as they are', async () => {
    const { paths } = await descriptionOf(stack.baseUrl)
    const admin = await newAdmin()
    const key = await newKey(await newPerson())
    let count = 0
    for (const [path, operations] of Object.entries(paths)) {
      for (const [method, { operationId, requestBody }] of Object.entries(operations)) {
        const [type = '', media] = Object.entries(requestBody?.content ?? {})[0] ?? []
        if (!media) continue
        expect(media.example, operationId).toBeDefined()
        const isForm = type === 'application/x-www-form-urlencoded'
        const token = /^\/api\/(admin|users\/(?!me|api-keys))/.test(path)
          ? admin.token
          : /^\/v1|chat\/completions|v1beta/.test(path)
            ? key
            : await tokenOfSomebody()
        const response = await fetch(
          stack.baseUrl +
            path
              .replace('{target}', 'gemini-3-pro-high:generateContent')
              .replace('{provider}', 'github')
              .replace('{model_name}', 'gemini-3-pro-high')
              .replace(/\{[a-z_]+\}/g, '2147483647'),
          {
            method: method.toUpperCase(),
            redirect: 'manual',
            headers: { authorization: `Bearer ${token}`, 'content-type': type },
            body: isForm
              ? new URLSearchParams(media.example as Record<string, string>)
              : JSON.stringify(media.example),
          },
        )
        const text = await response.text()
        const told = `${operationId} answered ${response.status} ${text}`
        expect([413, 415, 422, 500], told).not.toContain(response.status)
        expect(text, told).not.toMatch(/malformed_request|validation_failed/)
        if (/^\/v1/.test(path)) expect(response.status, told).not.toBe(400)
        count++
      }
    }
    expect(count).toBeGreaterThan(55)
  })
})

describe('where answers come in an envelope', () => {
  let worker: OwnWorker
  beforeAll(async () => {
    worker = await workerWith({ RESPONSE_FORMAT: 'envelope' })
  })
  afterAll(() => worker?.close())

  it('that is what is described', async () => {
    const description = await descriptionOf(worker.url)
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    ;(addFormats as unknown as (target: Ajv2020) => void)(ajv)
    ajv.addSchema({ $id: 'enveloped', ...description })
    const bare = await descriptionOf(stack.baseUrl)
    const username = `u${randomUUID().slice(0, 13)}`
    const json = { username, password: 'a long enough password' }

    const check = async (
      [method, path]: [string, string],
      init: { json?: object; token?: string },
    ) => {
      const response = await fetch(worker.url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(init.token && { authorization: `Bearer ${init.token}` }),
        },
        ...(init.json && { body: JSON.stringify(init.json) }),
      })
      const body = (await response.json()) as { data: Record<string, unknown> }
      const type = response.headers.get('content-type')?.split(';')[0] ?? ''
      const where = [path, method.toLowerCase(), 'responses', String(response.status), 'content']
      const pointer = ['paths', ...where, type, 'schema'].map((part) =>
        encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
      )
      const validate = ajv.compile({ $ref: `enveloped#/${pointer.join('/')}` })
      expect(validate(body), `${method} ${path}: ${ajv.errorsText(validate.errors)}`).toBe(true)
      // The description of bare answers would not do.
      const other = bare.paths[path]?.[method.toLowerCase()]?.responses[String(response.status)]
      expect(JSON.stringify(other)).not.toContain('status_code')
      return { status: response.status, data: body.data }
    }

    expect(await check(['POST', '/api/auth/register'], { json })).toMatchObject({ status: 201 })
    const signedIn = await check(['POST', '/api/auth/login'], { json })
    const token = String(signedIn.data.access_token)
    expect((await check(['GET', '/api/users/me'], { token })).status).toBe(200)
    expect((await check(['GET', '/api/auth/sessions'], { token })).status).toBe(200)
    expect((await check(['GET', '/api/users/me'], {})).status).toBe(401)
    expect((await check(['POST', '/api/auth/register'], { json: {} })).status).toBe(422)
    expect((await check(['GET', '/v1/models'], { token })).status).toBe(403)
  })
})
