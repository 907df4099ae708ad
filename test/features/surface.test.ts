import { describe, expect, it } from 'vitest'
import { createGateway } from '../../src/gateway-app.ts'
import { openApiPath } from '../../src/platform/http/openapi.ts'
import { apiEndpoints, createSite, describedEndpoints } from '../../src/site-app.ts'
import { call, newPerson, stack } from '../support/stack.ts'
import { PRODUCTION, workerWith } from '../support/worker-with.ts'

interface Description {
  openapi: string
  paths: Record<
    string,
    Record<
      string,
      { operationId: string; security: Record<string, []>[]; responses: Record<string, unknown> }
    >
  >
}

/** Answered outside the JSON API: the description itself and its files. */
const UNDESCRIBED = /^\/($|(api\/)?(docs|redoc|openapi\.json)$|assets\/)/

describe('the API description', () => {
  it('covers every route', async () => {
    const { body } = await call<Description>('/api/openapi.json')
    const described = new Set(
      Object.entries(body.paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method} ${path}`),
      ),
    )
    const aliases = new Set(
      apiEndpoints.map(({ spec }) => `${spec.method} ${openApiPath(spec.path)}`),
    )
    const routes = [...createGateway().routes, ...createSite().routes]
      .filter(({ method, path }) => method !== 'ALL' && !UNDESCRIBED.test(path))
      .map(({ method, path }) => `${method.toLowerCase()} ${openApiPath(path)}`)
    expect(routes.length).toBeGreaterThan(20)
    expect(routes.filter((route) => !described.has(route) && !aliases.has(route))).toEqual([])
  })

  it('is OpenAPI 3.1 with unique operation names and no dangling reference', async () => {
    const { body } = await call<Description>('/api/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const ids = Object.values(body.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    const text = JSON.stringify(body)
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(body).toHaveProperty(['components', 'schemas', name ?? ''])
    }
    expect(text).not.toContain('#/$defs')
  })

  it('offers API keys only where one can be enough', async () => {
    const { body } = await call<Description>('/api/openapi.json')
    const schemesOf = (method: string, path: string) =>
      body.paths[path]?.[method]?.security.flatMap(Object.keys)
    for (const [method, path] of [
      ['get', '/api/admin/signing-keys'],
      ['post', '/api/admin/signing-keys/rotate'],
      ['get', '/api/admin/jobs'],
      ['post', '/api/admin/jobs/{name}/run'],
      ['get', '/api/auth/sessions'],
    ] as const)
      expect(schemesOf(method, path), path).toEqual(['accessToken'])
    for (const path of ['/api/admin/users', '/api/users/me', '/v1/models'])
      expect(schemesOf('get', path), path).toEqual(['accessToken', 'apiKey', 'apiKeyHeader'])
  })

  it('has an answer and a summary for every endpoint', () => {
    for (const { endpoints } of describedEndpoints) {
      for (const { spec } of endpoints) {
        expect(spec.summary).not.toBe('')
        expect(spec.answer.schema !== undefined || [204, 303].includes(spec.answer.status)).toBe(
          true,
        )
      }
    }
  })

  it('is shown by two viewers that load nothing from elsewhere', async () => {
    for (const path of ['/api/docs', '/api/redoc', '/docs', '/redoc']) {
      const { status, headers, body } = await call<string>(path)
      expect(status).toBe(200)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      for (const [, source] of body.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect(source).toMatch(/^(\/assets\/|data:)/)
        if (source?.startsWith('/')) {
          const file = await fetch(stack.baseUrl + source)
          expect(file.status).toBe(200)
          expect(file.headers.get('content-type')).toMatch(
            source.endsWith('.css') ? /^text\/css/ : /javascript/,
          )
          await file.body?.cancel()
        }
      }
    }
  })

  it('is off in production', async () => {
    const production = await workerWith(PRODUCTION)
    for (const path of [
      '/api/openapi.json',
      '/api/docs',
      '/api/redoc',
      '/assets/swagger-ui.css',
      '/docs',
    ]) {
      expect((await call(path, { baseUrl: production.url })).status).toBe(404)
    }
    expect((await call('/', { baseUrl: production.url })).body).toMatchObject({ docs: null })
    await production.close()
  })
})

describe('every answer', () => {
  it('carries a request id and keeps a well-formed one', async () => {
    expect((await call('/api/health')).headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    const kept = await call('/nowhere', { headers: { 'x-request-id': 'my-request_1' } })
    expect(kept.headers.get('x-request-id')).toBe('my-request_1')
    expect(kept.body).toMatchObject({ code: 'not_found', request_id: 'my-request_1' })
    for (const odd of ['has space', 'x'.repeat(300), '<script>']) {
      expect(
        (await call('/nowhere', { headers: { 'x-request-id': odd } })).headers.get('x-request-id'),
      ).not.toBe(odd)
    }
  })

  it('carries the headers that protect browsers', async () => {
    for (const path of ['/', '/api/health', '/nowhere', '/v1/models']) {
      const { headers } = await call(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('strict-transport-security')).toContain('max-age=')
    }
  })
})

describe('CORS', () => {
  it('lets the configured origins in, with credentials, and nobody else', async () => {
    const worker = await workerWith({ CORS_ORIGINS: 'https://app.example.com' })
    const preflight = (origin: string) =>
      call('/api/auth/login', {
        method: 'OPTIONS',
        baseUrl: worker.url,
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization',
        },
      })
    const allowed = await preflight('https://app.example.com')
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true')
    const refused = await preflight('https://evil.example.com')
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    await worker.close()
  })
})

describe('the log', () => {
  it('has one line a request: the route, never the path, the query or a secret', async () => {
    const worker = await workerWith({ LOG_LEVEL: 'info' })
    const person = await newPerson(worker.url)
    await call(`/api/api-keys/12345?token=${person.token}`, {
      token: person.token,
      baseUrl: worker.url,
    })
    await expect.poll(() => worker.logs.filter((line) => line.includes('/api-keys')).length).toBe(1)
    const line = JSON.parse(worker.logs.find((entry) => entry.includes('/api-keys')) ?? '{}')
    expect(line).toMatchObject({
      method: 'GET',
      route: '/api/api-keys/:id',
      status: 404,
      user_id: person.id,
    })
    expect(line.duration_ms).toBeGreaterThanOrEqual(0)
    expect(worker.logs.join('\n')).not.toContain(person.token)
    expect(worker.logs.join('\n')).not.toContain(person.password)
    expect(worker.logs.join('\n')).not.toContain('12345')
    await worker.close()
  })
})

describe('body limits', () => {
  it('are 1 MB for the JSON API', async () => {
    const json = { username: 'somebody', password: 'x'.repeat(1024 * 1024) }
    expect(await call('/api/auth/register', { json })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })
})

describe('health', () => {
  it('is 503 while something that is needed is down', async () => {
    expect(await call('/health')).toMatchObject({ status: 200, body: { status: 'healthy' } })
    for (const [name, setting] of [
      ['database', { NEON_FETCH_ENDPOINT: 'http://127.0.0.1:9/sql' }],
      ['cache', { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9' }],
      ['plugin', { PLUGIN_API_BASE_URL: 'http://127.0.0.1:9' }],
    ] as const) {
      const worker = await workerWith(setting)
      const { status, body } = await call<{ components: Record<string, { status: string }> }>(
        '/api/health',
        {
          baseUrl: worker.url,
        },
      )
      expect(status).toBe(503)
      expect(body.components[name]?.status).toBe('unhealthy')
      await worker.close()
    }
  })

  it('names what is not configured in the log and tells clients nothing', async () => {
    const worker = await workerWith({ JWT_SECRET_KEY: '' })
    expect(await call('/api/auth/me', { baseUrl: worker.url })).toMatchObject({
      status: 500,
      body: { code: 'misconfigured' },
    })
    await expect.poll(() => worker.logs.join('\n')).toContain('JWT_SECRET_KEY: is missing')
    await worker.close()
  })
})
