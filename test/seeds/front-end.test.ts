import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  Browser,
  freshEmail,
  freshSubject,
  type Idp,
  namedProviders,
  startIdp,
  workerWith,
} from '../features/sso/support.ts'

/** The README's script for a front end on another site, as it stands there. */

const FRONTEND = 'https://app.example.net'
let idp: Idp
let worker: Awaited<ReturnType<typeof workerWith>>

beforeAll(async () => {
  idp = await startIdp()
  worker = await workerWith({
    ...namedProviders(idp),
    CORS_ORIGINS: FRONTEND,
    GOOGLE_REDIRECT_URI: `${FRONTEND}/signed-in`,
  })
})
afterAll(async () => {
  await worker?.close()
  await idp?.stop()
})

function readmeScript(): string {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  return /```js\n(const base64url[\s\S]*?)```/.exec(readme)?.[1] ?? ''
}

it('signs somebody in, by script alone', async () => {
  const sub = freshSubject()
  idp.next({ claims: { sub, email: freshEmail(), email_verified: true }, userInfo: { sub } })
  const kept = new Map<string, string>()
  const location = { href: `${FRONTEND}/`, search: '' }
  const page = {
    API: worker.url,
    PROVIDER: 'google',
    location,
    sessionStorage: {
      setItem: (name: string, value: string) => kept.set(name, value),
      getItem: (name: string) => kept.get(name) ?? null,
    },
    // As a browser sends it: with its origin, and without cookies.
    fetch: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { ...init.headers, origin: FRONTEND, 'sec-fetch-site': 'cross-site' },
      }),
  }
  const names = Object.keys(page)
  const make = new Function(...names, `${readmeScript()}; return { beginSignIn, finishSignIn }`)
  const { beginSignIn, finishSignIn } = make(...Object.values(page)) as {
    beginSignIn(): Promise<void>
    finishSignIn(): Promise<Record<string, unknown>>
  }

  await beginSignIn()
  const back = await new Browser(worker.url).consent(location.href)
  expect(back.origin + back.pathname).toBe(`${FRONTEND}/signed-in`)
  location.search = back.search
  expect(await finishSignIn()).toMatchObject({
    access_token: expect.stringMatching(/^ey/),
    refresh_token: expect.stringMatching(/^ey/),
  })
})
