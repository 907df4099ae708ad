import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { CHAT, chat, MODEL } from '../../support/chat.ts'
import { grant, newLender } from '../../support/quota.ts'
import { call, newChatter, standIn } from '../../support/stack.ts'

let key: string
beforeAll(async () => {
  ;({ key } = await newChatter())
})

/** The body as the AI service got it. */
async function bodyOf(marker: string): Promise<Record<string, unknown>> {
  const { requests } = await standIn<{ requests: { path: string; body: string }[] }>('requests')
  const seen = requests.find(({ path, body }) => path === CHAT && body.includes(marker))
  if (!seen) throw new Error('it has not arrived')
  return JSON.parse(seen.body)
}

const withPart = (part: object) => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Look:' }, part] }],
})

describe('words that the AI service does not know', () => {
  it('says developer as system, and the length of the answer by its older name', async () => {
    const marker = randomUUID()
    const answer = await chat({
      key,
      extra: {
        max_completion_tokens: 77,
        messages: [
          { role: 'developer', content: `Be brief. ${marker}` },
          { role: 'user', content: 'Hello' },
        ],
      },
    })
    expect(answer.status).toBe(200)
    const body = await bodyOf(marker)
    expect(body).toMatchObject({ stream: false, max_tokens: 77 })
    expect(body).not.toHaveProperty('max_completion_tokens')
    expect(body.messages).toMatchObject([{ role: 'system' }, { role: 'user' }])
  })

  it.each([
    ['a picture by its address', { type: 'image_url', image_url: { url: 'https://a.test/p.png' } }],
    ['svg', { type: 'image_url', image_url: { url: 'data:image/svg+xml;base64,PHN2Zy8+' } }],
    ['sound', { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } }],
    ['a file', { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==' } }],
    ['a text without text', { type: 'text' }],
  ])('names the part that it would drop: %s', async (_, part) => {
    const answer = await chat({ key, extra: withPart(part) })
    expect([answer.status, answer.error?.param]).toEqual([400, 'messages.0.content.1'])
  })

  it('takes a picture of pixels', async () => {
    const url = 'data:image/png;base64,iVBORw0KGgo='
    const answer = await chat({ key, extra: withPart({ type: 'image_url', image_url: { url } }) })
    expect(answer.status).toBe(200)
  })

  it('refuses several answers, of which there would be one', async () => {
    const answer = await chat({ key, extra: { n: 2 } })
    expect([answer.status, answer.error?.param]).toEqual([400, 'n'])
    expect((await chat({ key, extra: { n: 1 } })).status).toBe(200)
  })

  it('warns of what it takes and does not heed', async () => {
    const heeded = await chat({ key, extra: { temperature: 0.5, tool_choice: 'auto' } })
    expect(heeded.headers.get('warning')).toBeNull()
    for (const stream of [false, true]) {
      const extra = {
        stop: ['END'],
        response_format: { type: 'json_object' },
        tool_choice: 'required',
        seed: 7,
      }
      const answer = await chat({ key, stream, extra })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('warning')).toBe(
        '299 - "This AI service does not heed: stop, response_format, seed, tool_choice"',
      )
    }
  })

  it('gives a picture request whose content has no role the role of its user', async () => {
    const { key: drawing } = await newChatter()
    const answer = await call(`/v1beta/models/gemini-3-pro-image:generateContent`, {
      token: drawing,
      json: { contents: [{ parts: [{ text: 'a cat' }] }] },
    })
    expect(answer.status).toBe(200)
  })

  it('says that a model is unknown to somebody who only borrows', async () => {
    const lender = await newLender()
    await grant(lender, 2)
    const answer = await chat({ key: lender.key, extra: { model: 'no-such-model' } })
    expect([answer.status, answer.error?.code]).toEqual([404, 'model_not_found'])
    expect((await chat({ key: lender.key, extra: { model: MODEL } })).status).toBe(200)
  })
})
