import { describe, expect, it } from 'vitest'
import { apiEndpoints } from '../../src/site-app.ts'
import { call } from '../support/stack.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Every address with the methods that it takes. */
const taken = new Map<string, Set<string>>()
for (const { spec } of apiEndpoints) {
  const path = spec.path.replace(/:[a-z_]+(\{[^}]*\})?/g, '12345')
  taken.set(path, (taken.get(path) ?? new Set()).add(spec.method.toUpperCase()))
}
// Of another face, whose own test asks for its methods.
const addresses = [...taken].filter(([path]) => !/v1beta|chat\/completions/.test(path))

describe.each(['/api', ''])('below "%s"', (prefix) => {
  it('a wrong method is 405, and Allow says what is right', async () => {
    expect(addresses.length).toBeGreaterThan(60)
    for (const [path, methods] of addresses) {
      // A path that reads like another one with a parameter takes what that one takes, too.
      const wrong = METHODS.find((method) => !methods.has(method))
      if (!wrong || (wrong === 'GET' && methods.size > 3)) continue
      const { status, headers, body } = await call(prefix + path, { method: wrong })
      if (status === 401) continue
      expect([`${wrong} ${path}`, status]).toEqual([`${wrong} ${path}`, 405])
      expect(body).toMatchObject({ code: 'method_not_allowed' })
      const allowed = headers.get('allow')?.split(', ') ?? []
      for (const method of methods) expect(allowed, `${wrong} ${path}`).toContain(method)
      expect(allowed).not.toContain(wrong)
      expect(allowed).toContain('OPTIONS')
    }
  })
})

it('what is nowhere is 404, and people get the page that says so', async () => {
  expect((await call('/api/nowhere', { method: 'POST' })).status).toBe(404)
  const page = await call('/auth/login', { headers: { accept: 'text/html' } })
  expect([page.status, page.headers.get('content-type')]).toEqual([
    404,
    expect.stringContaining('text/html'),
  ])
})

it("the page for trying a sign-in is the console's", async () => {
  const { status, headers } = await call('/test-login')
  expect([status, headers.get('location')]).toEqual([302, '/login'])
  const page = await call('/login', { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)
})
