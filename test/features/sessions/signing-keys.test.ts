import { createHmac, randomBytes } from 'node:crypto'
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { type ChaosProxy, chaosProxy } from '../../support/chaos.ts'
import { call, newPerson, sql, stack, type TestPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const JWT_SECRET_KEY = `${randomBytes(32).toString('base64url')}`

const ask = (token: string, baseUrl?: string) =>
  call('/api/auth/sessions/current', { token, ...(baseUrl && { baseUrl }) })
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? ''

async function signIn(person: TestPerson, baseUrl: string) {
  const { body } = await call<{ access_token: string; refresh_token: string }>('/api/auth/login', {
    json: person,
    baseUrl,
  })
  return body
}

const rotate = (admin: TestPerson, baseUrl: string) =>
  call<{ kid: string; signs: boolean }>('/api/admin/signing-keys/rotate', {
    method: 'POST',
    token: admin.token,
    baseUrl,
  })

describe('rotation', () => {
  let one: OwnWorker
  let two: OwnWorker
  beforeAll(async () => {
    // A ring of their own, so that no other test meets the new keys.
    ;[one, two] = await Promise.all([
      workerWith({ JWT_SECRET_KEY }),
      workerWith({ JWT_SECRET_KEY }),
    ])
  })
  afterAll(() => Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]))

  it('goes unnoticed: old tokens hold, new ones hold everywhere at once', async () => {
    const admin = await newAdmin(one.url)
    const before = await signIn(admin, one.url)
    expect((await ask(before.access_token, two.url)).status).toBe(200)

    const rotated = await rotate(admin, one.url)
    expect(rotated).toMatchObject({ status: 200, body: { signs: true } })
    const after = await signIn(admin, one.url)
    expect(kidOf(after.access_token)).toBe(rotated.body.kid)
    expect(kidOf(before.access_token)).not.toBe(rotated.body.kid)
    for (const { url } of [one, two]) {
      expect((await ask(before.access_token, url)).status).toBe(200)
      expect((await ask(after.access_token, url)).status).toBe(200)
    }
    const refreshed = await call('/api/auth/refresh', {
      json: { refresh_token: before.refresh_token },
      baseUrl: one.url,
    })
    expect(refreshed.status).toBe(200)
    expect(kidOf(refreshed.body.access_token as string)).toBe(rotated.body.kid)
  })

  it('makes one new key of many parallel ones', async () => {
    const admin = await newAdmin(one.url)
    const keys = async () =>
      (
        await call<{ kid: string; signs: boolean }[]>('/api/admin/signing-keys', {
          token: admin.token,
          baseUrl: one.url,
        })
      ).body
    const before = await keys()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => rotate(admin, index % 2 ? one.url : two.url)),
    )
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    const after = await keys()
    expect(after.filter(({ signs }) => signs)).toHaveLength(1)
    // Those that came after the first one was done have made another.
    expect(after.length - before.length).toBeLessThanOrEqual(20)
  })

  it('rotates away from the key that signs, also where an isolate has not heard of it', async () => {
    const admin = await newAdmin(one.url)
    const first = await rotate(admin, one.url)
    const second = await rotate(admin, two.url)
    // The first one has its own key in memory, retired by now.
    const third = await rotate(admin, one.url)
    expect(new Set([first, second, third].map(({ body }) => body.kid)).size).toBe(3)
    expect(kidOf((await signIn(admin, one.url)).access_token)).toBe(third.body.kid)
  })

  it('is for administrators', async () => {
    const person = await newPerson(one.url)
    expect((await rotate(person, one.url)).status).toBe(403)
  })

  it('happens by itself, and removes what nothing needs any more', async () => {
    const admin = await newAdmin(one.url)
    // The isolate that has rotated knows what signs; another may be a minute behind.
    await rotate(admin, one.url)
    const { access_token } = await signIn(admin, one.url)
    const kid = kidOf(access_token)
    const cron = () =>
      fetch(`${one.url}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent('17 3 * * *')}`)
    await cron()
    expect(
      await sql`select 1 from signing_keys where id = ${kid} and retired_at is null`,
    ).toHaveLength(1)
    await sql`update signing_keys set created_at = now() - interval '31 days' where id = ${kid}`
    await cron()
    const [row] = await sql`select * from signing_keys where id = ${kid}`
    expect(row?.retired_at).not.toBeNull()
    // Seven days of the refresh token, and an hour for isolates that have not heard of it.
    const days = (new Date(row?.verifies_until).getTime() - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(7)
    expect(days).toBeLessThan(7.1)
    expect((await ask(access_token, one.url)).status).toBe(200)
    expect(kidOf((await signIn(admin, one.url)).access_token)).not.toBe(kid)
    await sql`update signing_keys set verifies_until = now() - interval '1 second' where id = ${kid}`
    await cron()
    expect(await sql`select 1 from signing_keys where id = ${kid}`).toHaveLength(0)
    expect((await ask(access_token, one.url)).status).toBe(401)
  })

  it('keeps no secret in clear', async () => {
    const rows = await sql`select * from signing_keys`
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      expect(row.secret_ciphertext).toMatch(/^v1\./)
      expect(JSON.stringify(row)).not.toMatch(/"d"|"k"|PRIVATE/)
    }
  })
})

describe('algorithms', () => {
  it.each(['ES256', 'RS256', 'EdDSA'])('%s can be checked by others', async (algorithm) => {
    await using worker = await workerWith({
      JWT_SECRET_KEY: randomBytes(32).toString('base64url'),
      JWT_ALGORITHM: algorithm,
      PUBLIC_URL: 'https://accounts.example.org',
    })
    const baseUrl = worker.url
    const person = await newPerson(baseUrl)
    expect((await ask(person.token, baseUrl)).status).toBe(200)
    const { body } = await call<{ keys: Record<string, string>[] }>('/.well-known/jwks.json', {
      baseUrl,
    })
    expect(body.keys).toHaveLength(1)
    expect(body.keys[0]).not.toHaveProperty('d')
    const { payload } = await jwtVerify(person.token, createLocalJWKSet(body), {
      issuer: 'https://accounts.example.org',
      audience: 'shared-accounts',
      algorithms: [algorithm],
    })
    expect(payload).toMatchObject({ sub: String(person.id), type: 'access' })
    // Refresh tokens are nobody's business but ours.
    expect(decodeProtectedHeader(person.refreshToken).alg).toBe('HS256')
    const refreshed = await call('/api/auth/refresh', {
      json: { refresh_token: person.refreshToken },
      baseUrl,
    })
    expect(refreshed.status).toBe(200)

    // The public key as an HMAC secret: the classic confusion.
    const forged = [JSON.stringify(body.keys[0]), body.keys[0]?.x ?? body.keys[0]?.n ?? ''].map(
      (secret) => hmacToken({ alg: 'HS256', kid: kidOf(person.token), typ: 'JWT' }, person, secret),
    )
    for (const token of forged) expect((await ask(token, baseUrl)).status).toBe(401)
  })
})

/** A token with the claims of a person's own and a header and a signature of choice. */
function hmacToken(header: object, person: TestPerson, secret: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode(header)}.${encode(decodeJwt(person.token))}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

describe('forged tokens', () => {
  let worker: OwnWorker
  let database: ChaosProxy
  let person: TestPerson
  beforeAll(async () => {
    database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
    worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
    person = await newPerson(worker.url)
    await ask(person.token, worker.url)
  })
  afterAll(async () => {
    await worker[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
  })

  it('are refused without asking anybody', async () => {
    const kid = kidOf(person.token)
    const secret = stack.bindings.JWT_SECRET_KEY ?? ''
    const claims = decodeJwt(person.token)
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const asymmetric = (header: object) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', ...header })
        .sign(privateKey)
    const jku = `${database.url}/keys.json`
    const [header, payload] = person.token.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid, typ: 'JWT' })).toString('base64url')
    const tokens = [
      hmacToken({ alg: 'HS256', typ: 'JWT' }, person, secret),
      hmacToken({ alg: 'HS256', typ: 'JWT', kid }, person, secret),
      hmacToken({ alg: 'HS256', typ: 'JWT', kid: '../../etc/passwd' }, person, ''),
      hmacToken({ alg: 'HS256', typ: 'JWT', kid: "' or 1=1 --" }, person, ''),
      hmacToken({ alg: 'HS256', typ: 'JWT', kid: { $ne: 1 } }, person, ''),
      hmacToken({ alg: 'HS256', typ: 'JWT', kid, crit: ['exp'] }, person, secret),
      await asymmetric({ kid }),
      await asymmetric({ kid, jku }),
      await asymmetric({ kid, jwk }),
      await asymmetric({ kid, x5u: jku }),
      await asymmetric({ jwk }),
      `${none}.${payload}.`,
      `${none}.${payload}.${person.token.split('.')[2]}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: '1' })).toString('base64url')}.${person.token.split('.')[2]}`,
    ]
    const before = database.requests.length
    for (const token of tokens) {
      const answer = await ask(token, worker.url)
      expect(answer.status, token).toBe(401)
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
    }
    expect(database.requests.length).toBe(before)
  })

  it('with made-up key ids never reach the database', async () => {
    const before = database.requests.length
    for (let index = 0; index < 50; index++) {
      const kid = randomBytes(18).toString('base64url')
      const token = hmacToken({ alg: 'HS256', typ: 'JWT', kid }, person, 'x')
      expect((await ask(token, worker.url)).status).toBe(401)
    }
    expect(database.requests.length).toBe(before)
  })
})
