import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { campaign } from '../../support/campaign.ts'
import { knownSecrets } from '../../support/known-secrets.ts'
import { leaksInAnswer } from '../../support/leaks.ts'
import { type JsonSchema, sampleOf } from '../../support/sample-schema.ts'
import { newKey, newPerson } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'

const RUNS = campaign('FUZZ_RUNS', { share: 400, full: 2_000 })
/** FUZZ_SEED asks for another one. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_120)
const AT_ONCE = 6

interface Operation {
  method: string
  path: string
  body: unknown
  query: string[]
}

interface Described {
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
}

interface Api {
  paths: Record<string, Record<string, Described>>
  components: { schemas: Record<string, unknown> }
}

type Who = 'nobody' | 'person' | 'admin' | 'key' | 'junk'

interface Attempt {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
  who: Who
}

/** Each makes work that is no fuzzer's business: a key that signs, an account at the stand-in. */
const LEFT_OUT = /\/signing-keys\/rotate|\/plugin-api\/(chat|v1beta|models)/

let worker: OwnWorker
let api: Api
let operations: Operation[]
const tokens: Partial<Record<Who, string>> = { junk: 'a.b.c' }

beforeAll(async () => {
  worker = await workerWith({ RATE_LIMIT: '1000000/1m', MAX_LOGIN_ATTEMPTS: '1000' })
  api = (await (await fetch(`${worker.url}/api/openapi.json`)).json()) as Api
  operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) =>
      path.startsWith('/api/') && !LEFT_OUT.test(path)
        ? [
            {
              method: method.toUpperCase(),
              path,
              body: sampleOf(
                described.requestBody?.content['application/json']?.schema,
                api.components.schemas,
              ),
              query: (described.parameters ?? [])
                .filter((parameter) => parameter.in === 'query')
                .map(({ name }) => name),
            },
          ]
        : [],
    ),
  )
  await renew()
})

afterAll(() => worker?.[Symbol.asyncDispose]())

/** People who are signed in: attempts sign them out, rename and delete them. */
async function renew(): Promise<void> {
  const [person, admin] = await Promise.all([newPerson(worker.url), newAdmin(worker.url)])
  Object.assign(tokens, {
    person: person.token,
    admin: admin.token,
    key: await newKey(person, worker.url),
  })
}

/** A credential that was refused may be the attempt's own fault; only one that is dead is replaced. */
async function renewIfGone(token: string): Promise<void> {
  const { status } = await fetch(`${worker.url}/api/users/me`, {
    headers: { authorization: `Bearer ${token}` },
  })
  if (status === 401 && Object.values(tokens).includes(token)) await renew()
}

const HUGE = 'A'.repeat(100_000)
const DEEP = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
const DEEP_LIST = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

const oddText = fc.constantFrom(
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\udc00x', '\ufeff', '\u202e', '٣', '𝒳', 'é', 'ﬁ'],
  ...['__proto__', 'constructor', '../..', "'; drop table users; --", '{{7*7}}', '\r\nX-A: b'],
  ...['a@b', `${'a'.repeat(400)}@example.com`, '1e400', '-1', 'NaN', '0x10', 'true', 'null'],
  ...['9999-99-99T99:99:99Z', '+275760-09-13T00:00:00Z', '0000-01-01T00:00:00Z', HUGE],
)
const oddValue = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('a\u0000b', 'a\ud800b') },
  oddText,
  fc.constantFrom<unknown>(
    ...[null, true, false, 0, -1, 1.5, 1e308, 2_147_483_648, 9_007_199_254_740_992, -0],
    ...[[], {}, [null], [[]], { a: 1 }, [1, 'x'], { toString: 'x' }, { length: -1 }],
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.string({ maxLength: 3 }), { maxLength: 4 }),
)

/** A body: the right one with some fields odd, or something else altogether. */
const bodyOf = (right: unknown) => {
  const fields = typeof right === 'object' && right !== null ? Object.keys(right) : []
  const changed = fc
    .dictionary(fc.constantFrom(...fields, '__proto__', 'extra'), oddValue, {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    })
    .map((changes) => JSON.stringify({ ...(right as object), ...changes }))
  const missing = fc
    .subarray(fields)
    .map((kept) =>
      JSON.stringify(Object.fromEntries(kept.map((name) => [name, (right as never)[name]]))),
    )
  const doubled = fc.tuple(fc.constantFrom(...fields, 'x'), oddValue).map(([name, value]) => {
    const inside = JSON.stringify(right).slice(1, -1)
    const pair = `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`
    return `{${[inside, pair, pair].filter(Boolean).join(',')}}`
  })
  const raw = fc.constantFrom(
    ...['', '{', '[]', 'null', '1', '"x"', 'nul', '{"a":1,}', "{'a':1}", '\u0000', '\ufeff{}'],
    ...['{"a":"\\ud800"}', '{"a":"\\u0000"}', '{"__proto__":{"x":1}}', DEEP, DEEP_LIST],
  )
  return fc.oneof({ weight: 5, arbitrary: changed }, missing, doubled, raw)
}

const oddSegment = fc.constantFrom(
  ...['%', '%zz', '%00', '%ff', '%c3%28', '%ed%a0%80', '%2e%2e', '%2F', '..', '.', '%20', '%0d%0a'],
  ...['0', '-1', '1.5', '1e3', '2147483648', '99999999999999999999', 'null', '__proto__', 'github'],
  ...['a'.repeat(2_000), '%F0%9F%92%A9', ':id', '*', '%25', '1;2', '٣', '+1', '0x1'],
)
const oddQueryValue = fc.constantFrom(
  ...['', '%', '%00', '%ff', '-1', '1e9', '99999999999999999999', 'true', 'null', '%ud800', '[]'],
  ...['a'.repeat(5_000), '%0d%0a', '2030-13-01', "'", '%F0%9F', '100', 'cursor', '1,2'],
)
const oddHeaders = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constantFrom<Record<string, string>>(
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'multipart/form-data' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': ',' },
    { 'content-encoding': 'gzip' },
    { accept: ',;q=x' },
    { authorization: 'Bearer' },
    { authorization: 'Basic Og==' },
    { authorization: 'Bearer sk-sa-' },
    { 'x-api-key': '\u00ff'.repeat(30) },
    { cookie: 'refresh_token=%; =; ;;' },
    { cookie: '__Host-refresh_token=a.b.c; refresh_token=%ff' },
    { 'cf-connecting-ip': 'not an address' },
    { 'cf-connecting-ip': '::ffff:1.2.3.4%eth0' },
    { origin: 'null' },
    { origin: 'javascript:alert(1)' },
    { 'user-agent': 'x'.repeat(8_000) },
    { prefer: 'envelope, envelope; a=b' },
    { 'x-request-id': '\u00e9'.repeat(100) },
    { range: 'bytes=-1' },
    { 'if-none-match': '*' },
  ),
)

const attemptAt = ({ method, path, body, query }: Operation): fc.Arbitrary<Attempt> =>
  fc.record({
    method: fc.constant(method),
    path: fc
      .tuple(
        fc.array(oddSegment, { minLength: 3, maxLength: 3 }),
        fc.array(fc.tuple(fc.constantFrom(...query, 'x', '%', 'useCookies'), oddQueryValue), {
          maxLength: 3,
        }),
      )
      .map(([segments, pairs]) => {
        let index = 0
        const filled = path.replace(/\{[^}]+\}/g, () => segments[index++] ?? 'x')
        return `${filled}${pairs.length ? '?' : ''}${pairs.map((pair) => pair.join('=')).join('&')}`
      }),
    headers: oddHeaders,
    body: method === 'GET' ? fc.constant(undefined) : bodyOf(body),
    who: fc.constantFrom<Who>('nobody', 'person', 'person', 'admin', 'admin', 'key', 'junk'),
  })

async function send({ method, path, headers, body, who }: Attempt): Promise<string | null> {
  const token = tokens[who]
  const response = await fetch(worker.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body }),
  })
  const text = await response.text()
  if (response.status === 401 && token && who !== 'junk') await renewIfGone(token)
  return complaintAbout(response, text, `${headers.prefer}`.includes('envelope'))
}

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
  properties: { status: { type: 'integer' }, detail: { type: 'string' }, code: { type: 'string' } },
}
const isProblem = new Ajv2020().compile(problem)

/** What is wrong with an answer, or null. */
function complaintAbout(response: Response, text: string, isEnvelope: boolean): string | null {
  if (response.status >= 500) return `${response.status}: ${text.slice(0, 300)}`
  const leaks = leaksInAnswer(text, undefined, knownSecrets())
  if (leaks.length > 0) return `holds ${leaks.join(', ')}: ${text.slice(0, 300)}`
  if (response.status < 400 || isEnvelope) return null
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json') return `${response.status} as ${type}`
  const body: unknown = JSON.parse(text)
  if (!isProblem(body)) return `is no problem: ${text.slice(0, 300)}`
  return (body as { status: number }).status === response.status ? null : 'lies about its status'
}

/** Sends them all and collects what is wrong with the answers. */
async function complaintsAbout(attempts: Attempt[]): Promise<string[]> {
  const complaints: string[] = []
  for (let at = 0; at < attempts.length; at += AT_ONCE) {
    await Promise.all(
      attempts.slice(at, at + AT_ONCE).map(async (attempt) => {
        const complaint = await send(attempt)
        if (complaint) complaints.push(`${complaint}\n  ${short(attempt)}`)
      }),
    )
  }
  return complaints
}

const short = (attempt: Attempt) =>
  JSON.stringify(attempt, (_, value: unknown) =>
    typeof value === 'string' && value.length > 300 ? `${value.slice(0, 300)}…` : value,
  )

describe('whatever anybody sends to the JSON API', () => {
  it('is answered by a problem at worst, and never by a failure', {
    timeout: 300_000,
  }, async () => {
    expect(operations.length).toBeGreaterThan(60)
    const perOperation = Math.ceil(RUNS / operations.length)
    const attempts = operations.flatMap((operation, index) =>
      fc.sample(attemptAt(operation), { numRuns: perOperation, seed: SEED + index }),
    )
    expect(await complaintsAbout(attempts)).toEqual([])
  })

  it('is refused where nothing can store it', { timeout: 900_000 }, async () => {
    const attempts = operations.flatMap(({ method, path, body, query }) => {
      const fields = typeof body === 'object' && body !== null ? Object.keys(body) : []
      const at = (rest: Partial<Attempt>): Attempt[] =>
        (['admin', 'person'] as const).map((who) => ({
          ...{ method, path: path.replace(/\{[^}]+\}/g, '1'), headers: {}, body: undefined, who },
          ...rest,
        }))
      const bodies = fields.flatMap((field) =>
        ['a\u0000b', 'a\ud800b'].map((text) =>
          JSON.stringify({ ...(body as object), [field]: text }),
        ),
      )
      return [
        ...(method === 'GET' ? [] : bodies.flatMap((odd) => at({ body: odd }))),
        ...query.flatMap((name) => at({ path: `${path.replace(/\{[^}]+\}/g, '1')}?${name}=%00` })),
        ...(path.includes('{') ? at({ path: path.replace(/\{[^}]+\}/g, 'a%00b') }) : []),
      ]
    })
    expect(attempts.length).toBeGreaterThan(200)
    expect(await complaintsAbout(attempts)).toEqual([])
  })
})
