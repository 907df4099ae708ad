import { expect, it } from 'vitest'
import { call, stack } from '../support/stack.ts'

/** Who gets the console's page, and who the API's answer, where both have the same address. */

const asBrowser = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

async function look(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(stack.baseUrl + path, { headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

it('answers at the root with the page to people and with the service to programs', async () => {
  const page = await look('/', asBrowser)
  expect(page.status).toBe(200)
  expect(page.text).toContain('<div id="app">')
  expect(page.headers.get('vary')).toContain('Accept')
  for (const accept of ['*/*', 'application/json', 'application/problem+json'])
    expect((await call('/', { headers: { accept } })).body).toMatchObject({
      name: 'shared-accounts',
    })
})

it('serves every page of the console without the Worker, deep links included', async () => {
  for (const path of [
    '/console',
    '/console/keys',
    '/console/admin/people/1',
    '/login',
    '/register',
    '/forgot-password',
    '/reset-password',
    '/verify-email',
    '/confirm-email',
  ]) {
    const { status, headers, text } = await look(path)
    expect(status, path).toBe(200)
    expect(text).toContain('<div id="app">')
    // Whatever passes the Worker has one.
    expect(headers.get('x-request-id')).toBeNull()
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("require-trusted-types-for 'script'")
    for (const [name, value] of [
      ['x-content-type-options', 'nosniff'],
      ['x-frame-options', 'DENY'],
      ['referrer-policy', 'no-referrer'],
      ['cross-origin-opener-policy', 'same-origin'],
    ])
      expect(headers.get(name ?? '')).toBe(value)
  }
})

it('lets its hashed files be kept for ever', async () => {
  const { text } = await look('/login')
  const files = [...text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(
    ([, path]) => path ?? '',
  )
  expect(files.length).toBeGreaterThan(1)
  for (const path of files) {
    const { status, headers } = await look(path)
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toContain('immutable')
    expect(headers.get('content-type')).toMatch(/^text\/(javascript|css)/)
  }
})

it('leaves the paths of the API to the API', async () => {
  expect((await call('/admin/users')).status).toBe(401)
  expect((await look('/admin/users', asBrowser)).text).toContain('<div id="app">')
  const signedIn = { ...asBrowser, authorization: 'Bearer nonsense' }
  expect((await look('/admin/users', signedIn)).status).toBe(401)
  expect((await look('/api/health', asBrowser)).headers.get('content-type')).toMatch(/json/)
})

it('tells people by a page, and programs in JSON, that there is nothing', async () => {
  const page = await look('/nowhere', asBrowser)
  expect(page.status).toBe(404)
  expect(page.text).toContain('<div id="app">')
  expect((await call('/nowhere')).body).toMatchObject({ code: 'not_found' })
  expect((await look('/assets/none.js', asBrowser)).status).toBe(404)
})
