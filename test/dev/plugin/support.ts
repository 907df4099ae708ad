import { randomUUID } from 'node:crypto'
import { afterAll } from 'vitest'
import { type PluginOptions, startPlugin } from '../../../dev/plugin/server.ts'

export const ADMIN_KEY = 'admin-key-of-the-tests'

/** The fields of answers that tests look into; which of them are there depends on the endpoint. */
export interface Body {
  success: boolean
  error: string
  data: Row & Row[]
  usage: Chunk['usage']
  choices: { index: number; message: Message; finish_reason: string }[]
  candidates: { content: { parts: { inlineData: { mimeType: string; data: string } }[] } }[]
  [count: string]: unknown
}

/** A row, whatever it is of. */
export interface Row {
  [field: string]: unknown
  user_id: string
  api_key: string
  cookie_id: string
  model_name: string
  state: string
  auth_url: string
  status: number
}

/** The message of a plain completion. */
export interface Message extends Delta {
  content: string
}

/** A decoded answer; `body` is the parsed JSON, or the text where it is none. */
export interface Answer {
  status: number
  type: string
  headers: Headers
  text: string
  body: Body
}

export interface TestUser {
  user_id: string
  api_key: string
}

/** A running stand-in with the calls that tests need. */
export interface TestPlugin {
  url: string
  close(): Promise<void>
  call(method: string, path: string, key?: string, body?: unknown): Promise<Answer>
  fetch(path: string, init?: RequestInit): Promise<Response>
  newUser(name?: string): Promise<TestUser>
  /** Adds an account through consent and gives its cookie id. */
  addAccount(user: TestUser, choice?: AccountChoice): Promise<string>
  control(path: string, body?: unknown): Promise<Answer>
  arm(failure: string, more?: object): Promise<void>
  chat(user: TestUser, body?: object): Promise<Answer>
}

export interface AccountChoice {
  shared?: unknown
  /** Fields of the consent form. */
  form?: Record<string, string>
}

const opened: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(opened.map((close) => close()))
})

/** Starts a stand-in that is closed after the file's tests. */
export async function start(options: Partial<PluginOptions> = {}): Promise<TestPlugin> {
  const running = await startPlugin({ adminKey: ADMIN_KEY, ...options })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= running.close()
    return closing
  }
  opened.push(close)
  const plugin = client(running.url, close)
  // Tests that do not look at pacing need not wait for it.
  await plugin.control('/config', { chat: { eventDelayMs: 0, finishDelayMs: 0 } })
  return plugin
}

function client(url: string, close: () => Promise<void>): TestPlugin {
  const plugin: TestPlugin = {
    url,
    close,
    fetch: (path, init) => fetch(url + path, init),
    call: async (method, path, key, body) =>
      read(
        await fetch(url + path, {
          method,
          redirect: 'manual',
          headers: {
            ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    newUser: async (name = `user ${randomUUID()}`) =>
      (await plugin.call('POST', '/api/users', ADMIN_KEY, { name })).body.data,
    addAccount: async (user, choice = {}) => {
      const address = await consent(plugin, user, choice)
      const added = await plugin.call('POST', '/api/oauth/callback/manual', user.api_key, {
        callback_url: address,
      })
      if (added.status !== 200) throw new Error(`no account: ${added.text}`)
      return added.body.data.cookie_id
    },
    control: (path, body) =>
      plugin.call(body ? 'POST' : 'GET', `/__control${path}`, undefined, body),
    arm: async (failure, more = {}) => {
      const armed = await plugin.control('/arm', { failure, ...more })
      if (armed.status !== 200) throw new Error(`not armed: ${armed.text}`)
    },
    chat: (user, body = {}) =>
      plugin.call('POST', '/v1/chat/completions', user.api_key, {
        model: 'gemini-2.5-flash',
        messages: [{ role: 'user', content: 'good morning' }],
        ...body,
      }),
  }
  return plugin
}

/** Goes through authorize and the consent form; gives the address that the browser is sent to. */
export async function consent(
  plugin: TestPlugin,
  user: TestUser,
  choice: AccountChoice = {},
): Promise<string> {
  const begun = await plugin.call('POST', '/api/oauth/authorize', user.api_key, {
    is_shared: choice.shared ?? 0,
  })
  const answer = await postConsent(plugin, begun.body.data.state, choice.form)
  return answer.headers.get('location') ?? ''
}

/** Posts the consent form. */
export async function postConsent(
  plugin: TestPlugin,
  state: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  return read(
    await plugin.fetch('/oauth/consent', {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({
        state,
        email: `${randomUUID()}@example.test`,
        decision: 'approve',
        ...form,
      }),
    }),
  )
}

/** One chunk of a chat stream. */
export interface Chunk {
  id: string
  object: string
  created: number
  model: string
  choices: { index: number; delta: Delta; finish_reason: string | null }[]
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number }
}

export interface Delta {
  role?: string
  content?: string
  reasoning_content?: string
  tool_calls?: {
    id?: string
    index?: number
    type: string
    function: { name: string; arguments: string }
    extra_content?: unknown
  }[]
}

/** Splits a stream into the data of its events, insisting on `data: …` and a blank line. */
export function events(text: string): string[] {
  const parts = text.split('\n\n')
  if (parts.pop() !== '') throw new Error('the stream does not end after an event')
  return parts.map((part) => {
    if (!part.startsWith('data: ') || part.includes('\n')) throw new Error(`no event: ${part}`)
    return part.slice('data: '.length)
  })
}

/** The chunks of a complete stream, without the end mark. */
export function chunks(text: string): Chunk[] {
  return events(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as Chunk)
}

/** The visible text of a stream. */
export function streamed(text: string): string {
  return chunks(text)
    .map((chunk) => chunk.choices[0]?.delta.content ?? '')
    .join('')
}

/** The pool row of a model as numbers. */
export async function pool(
  plugin: TestPlugin,
  user: TestUser,
  model = 'gemini-2.5-flash',
): Promise<{ quota: number; max: number } | undefined> {
  const answer = await plugin.call('GET', '/api/quotas/user', user.api_key)
  const row = answer.body.data.find((candidate) => candidate.model_name === model)
  return row && { quota: Number(row.quota), max: Number(row.max_quota) }
}

/** The caller's consumption rows, newest first. */
export async function consumption(plugin: TestPlugin, user: TestUser, query = '') {
  const answer = await plugin.call('GET', `/api/quotas/consumption${query}`, user.api_key)
  return answer.body.data
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    type,
    headers: response.headers,
    text,
    body: (type.startsWith('application/json') ? parse(text) : text) as Body,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
