import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { call, newChatter, sql, stack, waitFor } from '../support/stack.ts'

const MODEL = 'gemini-3-pro-high'
const messages = [{ role: 'user' as const, content: 'Hello there' }]

function clientFor(apiKey: string): OpenAI {
  return new OpenAI({ baseURL: `${stack.baseUrl}/v1`, apiKey, maxRetries: 0 })
}

async function usageRows(userId: number) {
  return sql`select * from usage_logs where user_id = ${userId} order by created_at`
}

describe('the OpenAI SDK through the Worker', () => {
  it('lists models and reads one', async () => {
    const { key } = await newChatter()
    const models = await clientFor(key).models.list()
    expect(models.data.map((model) => model.id)).toContain(MODEL)
    expect(await clientFor(key).models.retrieve(MODEL)).toMatchObject({
      id: MODEL,
      object: 'model',
    })
    await expect(clientFor(key).models.retrieve('no-such-model')).rejects.toMatchObject({
      status: 404,
    })
  })

  it('answers whole', async () => {
    const { key, id } = await newChatter()
    const completion = await clientFor(key).chat.completions.create({ model: MODEL, messages })
    expect(completion.choices[0]?.message.content).toBe('Hello! You said: Hello there')
    expect(completion.usage?.total_tokens).toBeGreaterThan(0)
    await waitFor(async () => (await usageRows(id)).length === 1)
    expect((await usageRows(id))[0]).toMatchObject({ stream: false, status: 200, model: MODEL })
  })

  it('streams, and 20 at once leave 20 usage rows', async () => {
    const { key, id } = await newChatter()
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const stream = await clientFor(key).chat.completions.create({
          model: MODEL,
          messages,
          stream: true,
        })
        let text = ''
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
        return text
      }),
    )
    expect(new Set(texts)).toEqual(new Set(['Hello! You said: Hello there']))
    await waitFor(async () => (await usageRows(id)).length === 20)
  })

  it('refuses an unknown key as OpenAI does', async () => {
    await expect(clientFor('sk-unknown').models.list()).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    })
    expect((await call('/v1/models')).headers.get('www-authenticate')).toBe(
      'Bearer realm="shared-accounts"',
    )
  })
})
