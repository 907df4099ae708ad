import { randomUUID } from 'node:crypto'
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPersonOf } from '../../support/admin.ts'
import { chat, MODEL, usageRows } from '../../support/chat.ts'
import { call, newChatter, stack, type TestPerson } from '../../support/stack.ts'

const mark = randomUUID().slice(0, 8)
/** An alias whatever the protocol, one for Anthropic's alone, and one for whole families of names. */
const ANY = `fast-${mark}`
const CLAUDE = `claude-mine-${mark}`
const SMALL = `claude-haiku-${mark}-*`

let manager: TestPerson
let person: TestPerson & { key: string }
const at = (id: string) => `/api/admin/models/${encodeURIComponent(id)}`
const put = (id: string, json: unknown) =>
  call(at(id), { method: 'PUT', token: manager.token, json })

beforeAll(async () => {
  manager = await newPersonOf('model_manager')
  person = await newChatter()
  await put(ANY, { stands_for: { any: MODEL } })
  await put(CLAUDE, { stands_for: { messages: MODEL } })
  await put(SMALL, { stands_for: { any: MODEL, chat: 'gemini-2.5-flash' } })
})
afterAll(async () => {
  for (const id of [ANY, CLAUDE, SMALL]) {
    await call(at(id), { method: 'DELETE', token: manager.token })
  }
})

async function message(key: string, model: string) {
  const client = new Anthropic({ baseURL: stack.baseUrl, apiKey: key, maxRetries: 0 })
  return client.messages.create({
    model,
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hi' }],
  })
}

describe('the name of a model', () => {
  it('means what the operator says, and the books know what served it', async () => {
    const { key, id } = await newChatter()
    for (const name of [ANY, CLAUDE, `claude-haiku-${mark}-4-5-20251001`]) {
      expect(await message(key, name)).toMatchObject({ model: name, stop_reason: 'end_turn' })
    }
    const { completion } = await chat({ key, extra: { model: `claude-haiku-${mark}-x` } })
    expect(completion?.model).toBe('gemini-2.5-flash')
    const rows = await usageRows(id, 4)
    expect(rows.map(({ model }) => model)).toEqual([MODEL, MODEL, MODEL, 'gemini-2.5-flash'])
  })

  it('means itself where only another protocol has the alias, and the nearest are named', async () => {
    const { status, error } = await chat({ key: person.key, extra: { model: CLAUDE } })
    expect({ status, code: error?.code }).toEqual({ status: 404, code: 'model_not_found' })
    const near = await chat({ key: person.key, extra: { model: 'gemini-3-pro-hihg' } })
    expect(near.error?.message).toMatch(/nearest that there are: gemini-3-pro-high, /)
    await expect(message(person.key, 'gemini-3-pro-hihg')).rejects.toThrow('gemini-3-pro-high')
    const { body } = await call('/v1beta/models/gemini-3-pro-hihg:generateContent', {
      headers: { 'x-goog-api-key': person.key },
      json: { contents: [{ parts: [{ text: 'Hi' }] }] },
    })
    expect(JSON.stringify(body)).toContain('gemini-3-pro-high')
  })

  it('is listed to whoever may use it', async () => {
    const ids = async (headers: Record<string, string>, query = '') => {
      const { body } = await call(`/v1/models${query}`, {
        headers: { authorization: `Bearer ${person.key}`, ...headers },
      })
      return JSON.stringify(body)
    }
    const lists = {
      openai: await ids({}),
      anthropic: await ids({ 'anthropic-version': '2023-06-01' }),
      google: await ids({ 'x-goog-api-key': person.key }),
      codex: await ids({}, '?client_version=0.169.0'),
    }
    for (const list of Object.values(lists)) {
      expect(list).toContain(ANY)
      expect(list).not.toContain('*')
    }
    expect(lists.anthropic).toContain(CLAUDE)
    expect(lists.openai).not.toContain(CLAUDE)
    expect(lists.google).not.toContain(CLAUDE)
    const { models } = JSON.parse(lists.codex) as { models: Record<string, unknown>[] }
    expect(models.find(({ slug }) => slug === MODEL)).toMatchObject({
      display_name: MODEL,
      shell_type: 'default',
      truncation_policy: { mode: 'tokens' },
    })
    const one = await call(`/v1/models/${ANY}`, { token: person.key })
    expect(one.body).toMatchObject({ id: ANY })
  })

  it('is no way around what a key may use, and off when it is disabled', async () => {
    const { body } = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { models: ['gemini-2.5-flash'] },
    })
    await expect(message(body.key, ANY)).rejects.toMatchObject({ status: 404 })
    const { body: allowed } = await call<{ key: string }>('/api/api-keys', {
      token: person.token,
      json: { models: [MODEL] },
    })
    expect(await message(allowed.key, ANY)).toMatchObject({ model: ANY })
    await put(ANY, { is_enabled: false })
    await expect(message(person.key, ANY)).rejects.toMatchObject({ status: 404 })
    await put(ANY, { is_enabled: true })
  })
})
