import { afterAll, beforeAll, expect, it } from 'vitest'
import { call, newPerson, type TestPerson } from '../../support/stack.ts'
import { type OwnWorker, PRODUCTION, workerWith } from '../../support/worker-with.ts'

/** The table of `docs/adr/0026-refresh-and-cookies.md`, row by row, in production and locally. */

const PUBLIC = 'https://accounts.example.org'
const NEAR = 'https://app.example.org'
const FAR = 'https://app.pages.dev'
const ORIGINS = { CORS_ORIGINS: `${NEAR},${FAR}`, PUBLIC_URL: PUBLIC }

let workers: Record<'production' | 'local', OwnWorker>
let person: TestPerson
beforeAll(async () => {
  workers = {
    production: await workerWith({ ...PRODUCTION, ...ORIGINS }),
    local: await workerWith(ORIGINS),
  }
  person = await newPerson(workers.local.url)
})
afterAll(async () => {
  for (const worker of Object.values(workers ?? {})) await worker[Symbol.asyncDispose]()
})

interface Row {
  from: string
  headers: Record<string, string>
  /** Null: refused. */
  sameSite: 'Lax' | 'None' | null
  partitioned: boolean
}

const ROWS: Row[] = [
  { from: 'a program', headers: {}, sameSite: 'Lax', partitioned: false },
  {
    from: 'our origin',
    headers: { origin: PUBLIC, 'sec-fetch-site': 'same-origin' },
    sameSite: 'Lax',
    partitioned: false,
  },
  {
    from: 'another origin of our site',
    headers: { origin: NEAR, 'sec-fetch-site': 'same-site' },
    sameSite: 'Lax',
    partitioned: false,
  },
  {
    from: 'another origin of our site, in an old browser',
    headers: { origin: NEAR },
    sameSite: 'Lax',
    partitioned: false,
  },
  {
    from: 'another site',
    headers: { origin: FAR, 'sec-fetch-site': 'cross-site' },
    sameSite: 'None',
    partitioned: true,
  },
  {
    from: 'another site, in an old browser',
    headers: { origin: FAR },
    sameSite: 'None',
    partitioned: true,
  },
  {
    from: 'a foreign site',
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    sameSite: null,
    partitioned: false,
  },
]

const TABLE = ROWS.flatMap((row) =>
  (['production', 'local'] as const).map((where) => ({ where, ...row })),
)

it.each(TABLE)(
  '$where, from $from: $sameSite',
  async ({ where, headers, sameSite, partitioned }) => {
    const { url: baseUrl } = workers[where]
    // No Worker in production reaches the tests' database: there a dead cookie is taken away, which only
    // what it was set with does.
    const { status, headers: answer } =
      where === 'local'
        ? await call('/api/auth/login?useCookies=true', {
            json: { username: person.username, password: person.password },
            headers,
            baseUrl,
          })
        : await call('/api/auth/refresh', {
            method: 'POST',
            headers: { cookie: '__Secure-refresh_token=x.y.z', ...headers },
            baseUrl,
          })
    const lines = answer.getSetCookie()
    if (sameSite === null) {
      expect([status, lines]).toEqual([403, []])
      return
    }
    const name = where === 'production' ? '__Secure-refresh_token' : 'refresh_token'
    const facts = lines.map((line) => ({
      name: line.split('=')[0],
      path: /; Path=([^;]+)/.exec(line)?.[1],
      domain: /; Domain=([^;]+)/i.exec(line)?.[1],
      sameSite: /; SameSite=([^;]+)/.exec(line)?.[1],
      isPartitioned: line.includes('; Partitioned'),
      isSecret: line.includes('; HttpOnly') && line.includes('; Secure'),
    }))
    const expected = {
      name,
      domain: undefined,
      sameSite,
      isPartitioned: partitioned,
      isSecret: true,
    }
    expect(facts).toEqual([
      { ...expected, path: '/api/auth' },
      { ...expected, path: '/auth' },
    ])
    expect(answer.get('access-control-allow-origin')).toBe(
      headers.origin === NEAR || headers.origin === FAR ? headers.origin : null,
    )
  },
)

it('says in the log which front end needs more than its origin', () => {
  const notes = workers.production.logs.filter((line) => line.includes('setting_note'))
  expect(notes.join()).toContain(FAR)
  expect(notes.join()).not.toContain(NEAR)
})
