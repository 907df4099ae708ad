import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../src/errors.ts'
import { geminiReader } from '../../../../src/gateway/faces/gemini/read-request.ts'
import { EVERYTHING, FACTS, streamed } from './support.ts'

const user = (...parts: object[]) => ({ role: 'user', parts })
const model = (...parts: object[]) => ({ role: 'model', parts })
const hi = user({ text: 'Hi' })
const read = (
  json: Record<string, unknown> = {},
  transport: 'whole' | 'events' | 'list' = 'whole',
) => geminiReader('some-model', transport)({ contents: [hi], ...json })
const messagesOf = (...contents: object[]) => read({ contents }).chat.messages as object[]

describe('a Gemini request', () => {
  it('becomes a chat', () => {
    expect(
      read({
        systemInstruction: { parts: [{ text: 'Be short.' }], role: 'user' },
        generationConfig: {
          temperature: 1,
          topP: 0.95,
          topK: 64,
          maxOutputTokens: 9,
          stopSequences: ['END'],
          thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' },
        },
        tools: [
          {
            functionDeclarations: [
              { name: 'a', description: 'A', parametersJsonSchema: { type: 'object' } },
              {
                name: 'b',
                parameters: {
                  type: 'OBJECT',
                  properties: { x: { type: 'STRING', nullable: true, enum: ['STRING'] } },
                },
              },
            ],
          },
          { googleSearch: {} },
        ],
        toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['b'] } },
        safetySettings: [],
      }).chat,
    ).toEqual({
      model: 'some-model',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Hi' },
      ],
      temperature: 1,
      top_p: 0.95,
      top_k: 64,
      max_tokens: 9,
      stop: ['END'],
      tools: [
        {
          type: 'function',
          function: {
            name: 'b',
            parameters: {
              type: 'object',
              properties: { x: { type: ['string', 'null'], enum: ['STRING'] } },
            },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'b' } },
    })
  })

  it('takes the other spelling', () => {
    expect(
      read({
        system_instruction: { parts: [{ text: 'S' }] },
        generation_config: { max_output_tokens: 3, response_mime_type: 'application/json' },
        contents: [user({ inline_data: { mime_type: 'image/png', data: 'AA' } })],
      }).chat,
    ).toMatchObject({
      max_tokens: 3,
      response_format: { type: 'json_object' },
      messages: [
        { role: 'system', content: 'S' },
        { content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] },
      ],
    })
  })

  it('finds the call of each result, by id or by name', () => {
    const call = (name: string, args = {}, more = {}) => ({
      functionCall: { name, args, ...more },
    })
    const result = (name: string, response: object, more = {}) => ({
      functionResponse: { name, response, ...more },
    })
    expect(
      messagesOf(
        hi,
        model(
          { text: 'Hm', thought: true },
          { text: 'I look.' },
          { ...call('f', { x: 1 }), thoughtSignature: 'SIG' },
          call('f', { x: 2 }),
          call('g', {}, { id: 'mine' }),
        ),
        user(
          result('g', { a: 1 }, { id: 'mine' }),
          result('f', { output: 'one' }),
          result('f', { output: 'two' }),
        ),
      ),
    ).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'I look.',
        reasoning_content: 'Hm',
        tool_calls: [
          {
            id: 'call_0',
            type: 'function',
            function: { name: 'f', arguments: '{"x":1}' },
            extra_content: { google: { thought_signature: 'SIG' } },
          },
          { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":2}' } },
          { id: 'mine', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'mine', content: '{"a":1}' },
      { role: 'tool', tool_call_id: 'call_0', content: 'one' },
      { role: 'tool', tool_call_id: 'call_1', content: 'two' },
    ])
  })

  it.each([
    [{ contents: undefined }, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: [5] }, 'contents.0'],
    [{ contents: [{ role: 'user', parts: 'x' }] }, 'contents.0.parts'],
    [{ generationConfig: { temperature: 'x' } }, 'generationConfig.temperature'],
  ])('is refused where nothing could be asked: %j', (change, param) => {
    expect(() => read(change)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

const chunksOf = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => JSON.parse(block.slice('data: '.length)))

function together(
  chunks: { candidates: { content?: { parts: object[] }; finishReason?: string }[] }[],
) {
  const parts = chunks.flatMap(({ candidates: [candidate] }) => candidate?.content?.parts ?? [])
  const joined: Record<string, unknown>[] = []
  for (const part of parts as Record<string, unknown>[]) {
    const last = joined.at(-1)
    if (last?.text !== undefined && part.text !== undefined && last.thought === part.thought) {
      last.text = `${last.text}${part.text}`
    } else joined.push({ ...part })
  }
  expect(chunks.slice(0, -1).some(({ candidates: [first] }) => first?.finishReason)).toBe(false)
  return joined
}

describe('a Gemini answer', () => {
  const thinking = { generationConfig: { thinkingConfig: { includeThoughts: true } } }

  it('is the same streamed, as a list, and whole', () => {
    const whole = JSON.parse(read(thinking).writer(FACTS).whole(EVERYTHING))
    const chunks = chunksOf(streamed(read(thinking, 'events'), EVERYTHING))
    const list = JSON.parse(streamed(read(thinking, 'list'), EVERYTHING))
    expect(list).toEqual(chunks)
    expect(together(chunks)).toEqual(whole.candidates[0].content.parts)
    expect(chunks.at(-1)).toMatchObject({
      candidates: [{ finishReason: 'STOP' }],
      usageMetadata: whole.usageMetadata,
    })
    expect(whole).toMatchObject({
      modelVersion: 'some-model',
      responseId: FACTS.id,
      usageMetadata: {
        promptTokenCount: 10,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 2,
        cachedContentTokenCount: 4,
        totalTokenCount: 17,
      },
    })
    expect(messagesOf(hi, whole.candidates[0].content)[1]).toEqual({
      role: 'assistant',
      content: 'I look it up.',
      reasoning_content: 'Let me think.',
      tool_calls: [
        {
          id: 'functions.look:0',
          type: 'function',
          function: { name: 'look', arguments: '{"at":"x"}' },
          extra_content: { google: { thought_signature: 'SIG+/=' } },
        },
        { id: 'call_2', type: 'function', function: { name: 'list', arguments: '{}' } },
      ],
    })
  })

  it('fails in the way that its transport can say', () => {
    const error = new AppError('upstream_error', 'Broken.')
    const events = read({}, 'events').writer(FACTS)
    const bare = { error: { code: 502, message: 'Broken.', status: 'UNAVAILABLE' } }
    expect(JSON.parse(events.fail(error).split('\n\n')[1] ?? '')).toMatchObject(bare)
    const list = read({}, 'list').writer(FACTS)
    const text = list.write([{ type: 'text', text: 'x' }]) + list.signOfLife() + list.fail(error)
    expect(JSON.parse(text)).toMatchObject([{ candidates: [{}] }, bare])
  })
})
