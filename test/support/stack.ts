import { randomUUID } from 'node:crypto'
import { type RunningWorker, startWorker } from '../../dev/worker/server.ts'
import { createNeon } from '../../src/db/neon.ts'
import { checkAgainstDescription } from './description.ts'
import { leaksInAnswer } from './leaks.ts'
import { stack } from './shared-stack.ts'

export { stack }

/** Talks to the database directly, for what no API shows. */
export const sql = createNeon(stack.bindings.DATABASE_URL ?? '', stack.bindings.NEON_FETCH_ENDPOINT)

export interface ApiAnswer<Body> {
  status: number
  headers: Headers
  body: Body
}

interface ApiRequest {
  method?: string
  token?: string
  json?: unknown
  /** A body that is sent as it is. */
  text?: string
  headers?: Record<string, string>
  baseUrl?: string
}

/** One call of the Worker over HTTP; a JSON body is parsed, and every answer is held against the API's description. */
export async function call<Body = Record<string, unknown>>(
  path: string,
  { method, token, json, text, headers, baseUrl = stack.baseUrl }: ApiRequest = {},
): Promise<ApiAnswer<Body>> {
  const payload = json === undefined ? text : JSON.stringify(json)
  const verb = method ?? (json === undefined ? 'GET' : 'POST')
  const response = await fetch(baseUrl + path, {
    method: verb,
    redirect: 'manual',
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
  })
  const answer = await response.text()
  const contentType = response.headers.get('content-type') ?? ''
  const body = /json/.test(contentType) ? JSON.parse(answer) : answer
  refuseLeaks(answer, json)
  await checkAgainstDescription({ method: verb, path, status: response.status, contentType, body })
  return { status: response.status, headers: response.headers, body: body as Body }
}

/** No answer, whatever it is about, repeats a password or shows what is inside. */
function refuseLeaks(answer: string, json: unknown): void {
  const leaks = leaksInAnswer(answer, json)
  if (leaks.length > 0) throw new Error(`The answer holds ${leaks.join(', ')}: ${answer}`)
}

export interface TestPerson {
  id: number
  username: string
  email: string
  password: string
  token: string
  refreshToken: string
}

/** Registers somebody and signs them in. */
export async function newPerson(baseUrl = stack.baseUrl): Promise<TestPerson> {
  const username = `u${randomUUID().slice(0, 13)}`
  const person = { username, email: `${username}@example.com`, password: `pw-${randomUUID()}` }
  const registered = await call<{ id: number }>('/api/auth/register', { json: person, baseUrl })
  if (registered.status !== 201) throw new Error(`registration answered ${registered.status}`)
  const { body } = await call<{ access_token: string; refresh_token: string }>('/api/auth/login', {
    json: { username, password: person.password },
    baseUrl,
  })
  return {
    ...person,
    id: registered.body.id,
    token: body.access_token,
    refreshToken: body.refresh_token,
  }
}

/** Makes an API key for somebody. */
export async function newKey(person: TestPerson, baseUrl = stack.baseUrl): Promise<string> {
  const { body } = await call<{ key: string }>('/api/api-keys', {
    token: person.token,
    json: {},
    baseUrl,
  })
  return body.key
}

/** Brings an account through the stand-in's consent page, as a person would. */
export async function bringAccount(
  person: TestPerson,
  isShared: 0 | 1 = 0,
  quota = 1,
  baseUrl = stack.baseUrl,
): Promise<string> {
  await waitFor(async () => {
    const { body } = await call('/api/plugin-api/key', { token: person.token, baseUrl })
    return body.state === 'ready'
  })
  const { body } = await call<{ data: { auth_url: string; state: string } }>(
    '/api/plugin-api/oauth/authorize',
    {
      token: person.token,
      json: { is_shared: isShared },
      baseUrl,
    },
  )
  const consent = await fetch(body.data.auth_url, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      state: body.data.state,
      decision: 'approve',
      email: `${randomUUID()}@example.com`,
      tier: 'paid',
      quota: String(quota),
    }),
  })
  const done = await call<{ data: { cookie_id: string } }>('/api/plugin-api/oauth/callback', {
    token: person.token,
    json: { callback_url: consent.headers.get('location') },
    baseUrl,
  })
  if (done.status !== 200) throw new Error(`the callback answered ${done.status}`)
  return done.body.data.cookie_id
}

/** Somebody who can chat: with a dedicated account and a key. */
export async function newChatter(): Promise<TestPerson & { key: string }> {
  const person = await newPerson()
  await bringAccount(person)
  return { ...person, key: await newKey(person) }
}

/** Waits until something holds. @throws when it does not within the time */
export async function waitFor(check: () => Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** Reads or changes the stand-in plug-in API. */
export async function standIn<Answer = unknown>(path: string, json?: unknown): Promise<Answer> {
  const response = await fetch(`${stack.pluginUrl}/__control/${path}`, {
    method: json === undefined ? 'GET' : 'POST',
    ...(json !== undefined && {
      body: JSON.stringify(json),
      headers: { 'content-type': 'application/json' },
    }),
  })
  return (await response.json()) as Answer
}

/** Fires a cron trigger, as Cloudflare does when it is due. */
export async function fireCron(expression: string, baseUrl = stack.baseUrl): Promise<void> {
  const response = await fetch(
    `${baseUrl}/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(expression)}`,
  )
  if (!response.ok) throw new Error(`cron ${expression} answered ${response.status}`)
}

/** Another Worker on the same stores, with some settings changed; `''` takes a setting away. */
export async function workerWith(
  overrides: Record<string, string>,
): Promise<RunningWorker & { logs: string[] }> {
  const logs: string[] = []
  const bindings = Object.entries({ ...stack.bindings, ...overrides }).filter(
    ([, value]) => value !== '',
  )
  const worker = await startWorker({
    bindings: Object.fromEntries(bindings),
    onLog: (line) => logs.push(line),
  })
  return { ...worker, logs }
}
