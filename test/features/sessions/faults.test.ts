import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BehindChaos, workerBehindChaos } from '../../support/behind-chaos.ts'
import type { Fault } from '../../support/chaos.ts'
import { redis } from '../../support/redis.ts'
import { call, newKey, newPerson, sql, type TestPerson, waitFor } from '../../support/stack.ts'

type Store = 'redis' | 'database'

interface Victim extends TestPerson {
  key: string
}

interface Route {
  name: string
  needs: Store[]
  /** What it answers where it needs nothing of the broken store, or that is whole. */
  status: number
  ask(victim: Victim, baseUrl: string): ReturnType<typeof call>
}

const post = (path: string, json?: unknown) => (victim: Victim, baseUrl: string) =>
  call(path, { method: 'POST', token: victim.token, baseUrl, ...(json !== undefined && { json }) })
const get = (path: string) => (victim: Victim, baseUrl: string) =>
  call(path, { token: victim.token, baseUrl })

const ROUTES: Route[] = [
  {
    name: 'login',
    needs: ['redis', 'database'],
    status: 200,
    ask: (victim, baseUrl) => call('/api/auth/login', { json: victim, baseUrl }),
  },
  {
    name: 'refresh',
    needs: ['redis'],
    status: 200,
    ask: (victim, baseUrl) =>
      call('/api/auth/refresh', { json: { refresh_token: victim.refreshToken }, baseUrl }),
  },
  { name: 'logout', needs: ['redis'], status: 200, ask: post('/api/auth/logout') },
  { name: 'logout-all', needs: ['redis'], status: 200, ask: post('/api/auth/logout-all') },
  { name: 'sessions', needs: ['redis'], status: 200, ask: get('/api/auth/sessions') },
  { name: 'current', needs: ['redis'], status: 200, ask: get('/api/auth/sessions/current') },
  {
    name: 'end a session',
    needs: ['redis'],
    status: 404,
    ask: (victim, baseUrl) =>
      call('/api/auth/sessions/none', { method: 'DELETE', token: victim.token, baseUrl }),
  },
  {
    name: 'signing keys',
    needs: ['redis', 'database'],
    status: 200,
    ask: get('/api/admin/signing-keys'),
  },
  { name: 'key set', needs: ['database'], status: 200, ask: get('/.well-known/jwks.json') },
  {
    name: 'an API key on the gateway',
    needs: ['redis'],
    // Whatever the stand-in says to somebody without an account.
    status: 403,
    ask: (victim, baseUrl) => call('/v1/models', { token: victim.key, baseUrl }),
  },
]

/** Hashes would make the other calls wait. */
const SETTINGS = { RATE_LIMIT: '100000/1m', ARGON2_MEMORY_KIB: '64', ARGON2_PASSES: '1' }

/** Somebody whom Redis knows: nothing that the plug-in API needs is still under way. */
async function newVictim(baseUrl: string): Promise<Victim> {
  const person = await newPerson(baseUrl)
  await waitFor(async () => {
    const { body } = await call('/api/plugin-api/key', { token: person.token })
    return body.state === 'ready'
  })
  await sql`update users set role = 'admin' where id = ${person.id}`
  const key = await newKey(person, baseUrl)
  await waitFor(async () => {
    await redis('DEL', `person:${person.id}`)
    await call('/api/auth/sessions/current', { token: person.token, baseUrl })
    await call('/v1/models', { token: key, baseUrl })
    return Boolean((await redis<string | null>('GET', `person:${person.id}`))?.startsWith('{'))
  })
  return { ...person, key }
}

const FAULTS: Fault[] = ['refused', 'hung', 'slow', 'reset', 'dropped', 'lost']
/** These use up what they are given: each gets a person of its own. */
const USES_UP = ['refresh', 'logout', 'logout-all']

/** Somebody for each route. */
async function newVictims(baseUrl: string): Promise<Victim[]> {
  const shared = await newVictim(baseUrl)
  return Promise.all(
    ROUTES.map(({ name }) => (USES_UP.includes(name) ? newVictim(baseUrl) : shared)),
  )
}

// Each waits for its own store most of the time.
describe.concurrent.each(['redis', 'database'] as const)('%s is', (store) => {
  let behind: BehindChaos
  beforeAll(async () => {
    behind = await workerBehindChaos(SETTINGS)
  })
  afterAll(() => behind?.[Symbol.asyncDispose]())

  it.each(FAULTS)(
    '%s: 503 within three seconds, and whole again afterwards',
    { concurrent: false },
    async (fault) => {
      const { worker } = behind
      const victims = await newVictims(worker.url)
      behind[store].fault = fault
      const answers = await Promise.all(
        ROUTES.map(async ({ ask }, index) => {
          const startedAt = performance.now()
          const answer = await ask(victims[index] as Victim, worker.url)
          return { ...answer, took: performance.now() - startedAt }
        }),
      )
      behind[store].fault = 'none'
      for (const [index, { name, needs, status }] of ROUTES.entries()) {
        const answer = answers[index]
        expect(answer?.took, name).toBeLessThan(3_000)
        if (!needs.includes(store)) {
          expect(answer?.status, name).toBe(status)
          continue
        }
        expect(answer?.status, name).toBe(503)
        expect(answer?.headers.get('retry-after'), name).not.toBeNull()
        expect(JSON.stringify(answer?.body)).not.toMatch(/select|insert|evalsha|127\.0\.0\.1/i)
      }
      // What the store did before its answer was lost stays done: a session that ended, a token used.
      const mayBeDone = store === 'redis' && ['reset', 'dropped', 'lost'].includes(fault)
      for (const [index, { name, needs, status, ask }] of ROUTES.entries()) {
        if (USES_UP.includes(name) && (mayBeDone || !needs.includes(store))) continue
        const answer = await ask(victims[index] as Victim, worker.url)
        expect(answer.status, `${name} afterwards`).toBe(status)
      }
    },
  )
})

describe('a session', () => {
  let behind: BehindChaos
  beforeAll(async () => {
    behind = await workerBehindChaos(SETTINGS)
  })
  afterAll(() => behind?.[Symbol.asyncDispose]())

  it('an answer of Redis that is lost does not make our second attempt look like a theft', async () => {
    const victim = await newVictim(behind.worker.url)
    let rotations = 0
    behind.redis.match = (body) =>
      /"evalsha"|"eval"/i.test(body) && body.includes('session:') && rotations++ === 0
    behind.redis.fault = 'dropped'
    const { status, body } = await call<{ access_token: string }>('/api/auth/refresh', {
      json: { refresh_token: victim.refreshToken },
      baseUrl: behind.worker.url,
    })
    behind.redis.fault = 'none'
    behind.redis.match = () => true
    expect(rotations).toBeGreaterThan(1)
    expect(status).toBe(200)
    const { access_token: token } = body
    expect((await call('/api/auth/me', { token, baseUrl: behind.worker.url })).status).toBe(200)
  })

  it('losing all of Redis logs everybody out and revives nothing', async () => {
    const victim = await newVictim(behind.worker.url)
    const { body } = await call<{ access_token: string; refresh_token: string }>(
      '/api/auth/login',
      {
        json: victim,
        baseUrl: behind.worker.url,
      },
    )
    await call('/api/auth/logout', {
      method: 'POST',
      token: victim.token,
      baseUrl: behind.worker.url,
    })
    const ids = await redis<string[]>('ZRANGE', `user-sessions:${victim.id}`, 0, -1)
    await redis(
      'DEL',
      ...ids.map((id) => `session:${id}`),
      ...['user-sessions', 'session-generation', 'person', 'lockout:user'].map(
        (name) => `${name}:${victim.id}`,
      ),
    )
    for (const token of [victim.token, body.access_token]) {
      const { status } = await call('/api/auth/me', { token, baseUrl: behind.worker.url })
      expect(status).toBe(401)
    }
    for (const refresh_token of [victim.refreshToken, body.refresh_token]) {
      const { status } = await call('/api/auth/refresh', {
        json: { refresh_token },
        baseUrl: behind.worker.url,
      })
      expect(status).toBe(401)
    }
    expect(
      (await call('/api/auth/login', { json: victim, baseUrl: behind.worker.url })).status,
    ).toBe(200)
  })

  it('losing only the name of the set of sessions ends them and revives none', async () => {
    const victim = await newVictim(behind.worker.url)
    const { body } = await call<{ access_token: string }>('/api/auth/login', {
      json: victim,
      baseUrl: behind.worker.url,
    })
    const [sid] = await redis<string[]>('ZRANGE', `user-sessions:${victim.id}`, 0, 0)
    const record = await redis<string[]>('HGETALL', `session:${sid}`)
    await call('/api/auth/logout-all', {
      method: 'POST',
      token: body.access_token,
      baseUrl: behind.worker.url,
    })
    await redis('HSET', `session:${sid}`, ...Object.entries(record).flat())
    await redis('DEL', `session-generation:${victim.id}`)
    await call('/api/auth/login', { json: victim, baseUrl: behind.worker.url })
    for (const token of [victim.token, body.access_token]) {
      expect((await call('/api/auth/me', { token, baseUrl: behind.worker.url })).status).toBe(401)
    }
  })
})
