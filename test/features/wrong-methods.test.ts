import { beforeAll, expect, it } from 'vitest'
import type { Endpoint } from '../../src/platform/http/endpoint.ts'
import { describedEndpoints } from '../../src/site-app.ts'
import { asAdmin, newAdmin } from '../support/admin.ts'
import { call, type TestPerson } from '../support/stack.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

const PARAMETER = /:[a-z_]+(\{[^}]*\})?/g

/**
 * Every address with the methods that it takes, also where it reads like another one with a parameter, and
 * one that it does not, nor another of the same template.
 */
function addressesOf(endpoints: readonly Endpoint[]) {
  const matcher = (path: string, limitsOf: (limits?: string) => string) =>
    new RegExp(`^${path.replace(PARAMETER, (_, limits?: string) => limitsOf(limits))}$`)
  const routes = endpoints.map(({ spec }) => ({
    path: spec.path.replace(PARAMETER, '12345'),
    takes: matcher(spec.path, (limits) => limits?.slice(1, -1) ?? '[^/]+'),
    reads: matcher(spec.path, () => '[^/]+'),
    method: spec.method.toUpperCase(),
  }))
  return [...new Set(routes.map(({ path }) => path))].map((path) => {
    const methods = (as: 'takes' | 'reads') =>
      routes.filter((route) => route[as].test(path)).map(({ method }) => method)
    const wrong = METHODS.find((method) => !methods('reads').includes(method))
    return { path, methods: methods('takes'), wrong }
  })
}

let admin: TestPerson
beforeAll(async () => {
  admin = await newAdmin()
})

const [others, api] = describedEndpoints
it.each([
  ['the API', '/api', api?.endpoints ?? [], 90],
  ['the API without its prefix', '', api?.endpoints ?? [], 90],
  ['the other faces', '', others?.endpoints ?? [], 20],
] as const)(
  '%s: a wrong method is 405, and Allow says what is right, whoever asks',
  async (_, prefix, endpoints, least) => {
    const addresses = addressesOf(endpoints)
    expect(addresses.length).toBeGreaterThan(least)
    const asSignedIn = asAdmin(admin)
    for (const { path, methods, wrong } of addresses) {
      if (!wrong || methods.length === 0) continue
      for (const { status, headers, body } of [
        await call(prefix + path, { method: wrong }),
        await asSignedIn(wrong, prefix + path),
      ]) {
        expect([`${wrong} ${path}`, status]).toEqual([`${wrong} ${path}`, 405])
        // Each face says so in the form of its own.
        if (prefix) expect(body.error ?? body).toMatchObject({ code: 'method_not_allowed' })
        const allowed = headers.get('allow')?.split(', ') ?? []
        for (const method of methods) expect(allowed, `${wrong} ${path}`).toContain(method)
        expect(allowed).not.toContain(wrong)
        expect(allowed).toContain('OPTIONS')
      }
    }
  },
)

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
