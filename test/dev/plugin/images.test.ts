import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, consumption, start, type TestPlugin, type TestUser } from './support.ts'

const MODEL = 'gemini-3-pro-image'
const PROMPT = { contents: [{ role: 'user', parts: [{ text: 'a cat' }] }] }

let plugin: TestPlugin
let user: TestUser
beforeAll(async () => {
  plugin = await start()
  user = await plugin.newUser()
  await plugin.addAccount(user)
})

function draw(body: unknown, { model = MODEL, verb = 'generateContent', key = user.api_key } = {}) {
  return plugin.call('POST', `/v1beta/models/${model}:${verb}`, key, body)
}

function withConfig(imageConfig: object) {
  return { ...PROMPT, generationConfig: { imageConfig } }
}

describe('drawing', () => {
  it.each(['generateContent', 'streamGenerateContent', 'streamGenerateContent?alt=sse'])(
    '%s answers one JSON body',
    async (verb) => {
      const answer = await draw(PROMPT, { verb })
      expect([answer.status, answer.type]).toEqual([200, 'application/json; charset=utf-8'])
      expect(answer.body).toEqual({
        candidates: [
          {
            content: {
              parts: [{ inlineData: { mimeType: 'image/png', data: expect.any(String) } }],
              role: 'model',
            },
            finishReason: 'STOP',
          },
        ],
      })
    },
  )

  it('keeps the proportions, and charges', async () => {
    const before = (await consumption(plugin, user)).length
    const answer = await draw(withConfig({ aspectRatio: '16:9', imageSize: '2K' }))
    const data = answer.body.candidates[0]?.content.parts[0]?.inlineData.data ?? ''
    const png = Buffer.from(data, 'base64')
    expect(png.readUInt32BE(16) / png.readUInt32BE(20)).toBeCloseTo(16 / 9)
    const rows = await consumption(plugin, user)
    expect(rows).toHaveLength(before + 1)
    expect(rows[0]?.model_name).toBe(MODEL)
  })

  it('answers other verbs with 404 HTML', async () => {
    const answer = await draw(PROMPT, { verb: 'countTokens' })
    expect([answer.status, answer.type]).toEqual([404, 'text/html; charset=utf-8'])
  })
})

describe('errors', () => {
  it('has the shape of the vendor', async () => {
    for (const body of [{}, { contents: [] }, { contents: [{ role: 'user', parts: [{}] }] }]) {
      const answer = await draw(body)
      expect(answer.status).toBe(400)
      expect(answer.body.error).toEqual({
        code: 400,
        message: expect.any(String),
        status: 'INVALID_ARGUMENT',
      })
    }
  })

  it('refuses bad proportions and sizes as INTERNAL', async () => {
    for (const [config, model] of [
      [{ aspectRatio: '5:4' }, MODEL],
      [{ imageSize: '8K' }, MODEL],
      [{ imageSize: '1K' }, 'gemini-2.5-flash-image'],
    ] as const) {
      const answer = await draw(withConfig(config), { model })
      expect([answer.status, answer.body.error]).toEqual([
        400,
        { code: 400, message: expect.any(String), status: 'INTERNAL' },
      ])
    }
  })

  it('answers a missing body, a missing account and the admin with 500', async () => {
    const poor = await plugin.newUser()
    for (const answer of [
      await draw(undefined),
      await draw(PROMPT, { key: poor.api_key }),
      await draw(PROMPT, { key: ADMIN_KEY }),
    ]) {
      expect(answer.body.error).toMatchObject({ code: 500, status: 'INTERNAL' })
      expect(answer.status).toBe(500)
    }
    const invalid = await draw(PROMPT, { key: 'sk-invalid' })
    expect([invalid.status, invalid.body.error]).toEqual([
      401,
      expect.objectContaining({ code: 401 }),
    ])
  })

  it('answers exhaustion with 429, unlike chat', async () => {
    await plugin.arm('resource_exhausted', { path: '/v1beta/*' })
    const answer = await draw(PROMPT)
    expect([answer.status, answer.body.error]).toEqual([
      429,
      { code: 429, message: 'RESOURCE_EXHAUSTED', status: 'RESOURCE_EXHAUSTED' },
    ])
    await plugin.arm('upstream_503', { path: '/v1beta/*' })
    const overloaded = await draw(PROMPT)
    expect([overloaded.status, overloaded.body.error]).toMatchObject([503, { status: 'INTERNAL' }])
  })
})
