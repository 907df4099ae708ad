import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../src/errors.ts'
import { readResponsesRequest } from '../../../../src/gateway/faces/responses/read-request.ts'
import { writeSealed } from '../../../../src/gateway/faces/signature.ts'
import { EVERYTHING, FACTS, type SseEvent, sseEvents, streamed, USAGE } from './support.ts'

const read = (json: Record<string, unknown>) =>
  readResponsesRequest({ model: 'some-model', input: 'Hi', ...json })
const messagesOf = (input: unknown, more = {}) => read({ input, ...more }).chat.messages as object[]
const text = (role: string, words: string, type = 'input_text') => ({
  type: 'message',
  role,
  content: [{ type, text: words }],
})

describe('a Responses request', () => {
  it('becomes a chat, as Codex sends it', () => {
    const { chat, stream } = read({
      input: [text('developer', 'Be short.'), text('user', 'Hi')],
      tools: [
        {
          type: 'function',
          name: 'run',
          description: 'Runs',
          strict: false,
          parameters: { type: 'object' },
        },
        { type: 'custom', name: 'patch', description: 'Patches', format: { type: 'grammar' } },
        { type: 'web_search' },
      ],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { summary: 'auto' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'x',
      client_metadata: {},
    })
    expect(stream).toBe(true)
    expect(chat).toEqual({
      model: 'some-model',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Hi' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'run', description: 'Runs', parameters: { type: 'object' } },
        },
        {
          type: 'function',
          function: {
            name: 'patch',
            description: 'Patches',
            parameters: expect.objectContaining({ required: ['input'] }),
          },
        },
      ],
      tool_choice: 'auto',
    })
  })

  it('takes a plain text, instructions and a format', () => {
    expect(
      read({
        instructions: 'Be kind.',
        max_output_tokens: 5,
        temperature: 0,
        reasoning: { effort: 'low' },
        text: {
          format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        },
      }).chat,
    ).toEqual({
      model: 'some-model',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hi' },
      ],
      max_tokens: 5,
      temperature: 0,
      reasoning_effort: 'low',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
      },
    })
  })

  it('makes one turn of a thought, a text and calls in a row, and results of what follows', () => {
    expect(
      messagesOf([
        text('user', 'Go'),
        {
          type: 'reasoning',
          summary: [],
          encrypted_content: writeSealed({ signatures: { a: 'SIG' }, text: 'Hm' }),
        },
        text('assistant', 'I look.', 'output_text'),
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: '*** Begin' },
        {
          type: 'function_call_output',
          call_id: 'a',
          output: [
            { type: 'input_text', text: 'seen' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA' },
          ],
        },
        { type: 'custom_tool_call_output', call_id: 'b', output: 'done' },
        { type: 'web_search_call', id: 'ws' },
      ]),
    ).toEqual([
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: 'I look.',
        reasoning_content: 'Hm',
        tool_calls: [
          {
            id: 'a',
            type: 'function',
            function: { name: 'f', arguments: '{"x":1}' },
            extra_content: { google: { thought_signature: 'SIG' } },
          },
          {
            id: 'b',
            type: 'function',
            function: { name: 'patch', arguments: '{"input":"*** Begin"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'seen' },
      { role: 'tool', tool_call_id: 'b', content: 'done' },
      {
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }],
      },
    ])
  })

  it.each([
    [{ model: '' }, 'model'],
    [{ input: 7 }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input.0.role'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: 'c' }, 'conversation'],
    [{ background: true }, 'background'],
    [{ input: [{ type: 'item_reference', id: 'x' }] }, 'input.0'],
  ])('is refused where nothing could be asked, with what to do: %j', (change, param) => {
    expect(() => read(change)).toThrow(expect.objectContaining({ code: 'invalid_request', param }))
  })
})

/** Holds the order of a stream of events. @returns the response that ends it */
function check(events: readonly SseEvent[]) {
  const done: unknown[] = []
  let open: string | null = null
  for (const [index, { name, data }] of events.entries()) {
    expect(data.type).toBe(name)
    expect(data.sequence_number).toBe(index)
    const item = data.item as { id: string } | undefined
    if (name === 'response.output_item.added') {
      expect(open).toBeNull()
      expect(data.output_index).toBe(done.length)
      open = item?.id ?? ''
    } else if (name === 'response.output_item.done') {
      expect(item?.id).toBe(open)
      expect(data.output_index).toBe(done.length)
      done.push(item)
      open = null
    } else if (data.item_id !== undefined) {
      expect(data.item_id).toBe(open)
      expect(data.output_index).toBe(done.length)
    }
  }
  expect(events.slice(0, 2).map(({ name }) => name)).toEqual([
    'response.created',
    'response.in_progress',
  ])
  expect(open).toBeNull()
  const { response } = (events.at(-1)?.data ?? {}) as {
    response: { output: unknown[]; status: string }
  }
  expect(response.output).toEqual(done)
  return response
}

describe('a Responses answer', () => {
  it.each([
    ['shown', { reasoning: { summary: 'auto' } }],
    ['sealed', { include: ['reasoning.encrypted_content'] }],
    [
      'shown and sealed',
      { reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] },
    ],
    ['not asked for', {}],
  ])('is the same streamed and whole, with thoughts %s', (_, asked) => {
    const whole = JSON.parse(read(asked).writer(FACTS).whole(EVERYTHING))
    expect(check(sseEvents(streamed(read(asked), EVERYTHING)))).toEqual(whole)
  })

  it('says everything, and what it says comes back whole', () => {
    const asked = { include: ['reasoning.encrypted_content'], reasoning: { summary: 'auto' } }
    const whole = JSON.parse(read(asked).writer(FACTS).whole(EVERYTHING))
    expect(whole).toMatchObject({
      id: 'resp_0123456789abcdef',
      object: 'response',
      status: 'completed',
      store: false,
      usage: {
        input_tokens: 10,
        output_tokens: 7,
        total_tokens: 17,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens_details: { reasoning_tokens: 2 },
      },
    })
    expect(messagesOf([text('user', 'Hi'), ...whole.output])[1]).toEqual({
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

  it('gives a tool of free text its text', () => {
    const request = read({ tools: [{ type: 'custom', name: 'patch' }] })
    const events = sseEvents(
      streamed(request, [
        { type: 'tool_call', index: 0, id: 'a', name: 'patch', signature: null },
        { type: 'arguments', index: 0, text: '{"input":"*** ' },
        { type: 'arguments', index: 0, text: 'Begin\\n"}' },
        { type: 'finish', reason: 'tool_calls', stopSequence: null },
      ]),
    )
    expect(check(events).output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '*** Begin\n' },
    ])
  })

  it('is incomplete where it was cut, and failed where it failed', () => {
    const cut = check(
      sseEvents(
        streamed(read({}), [
          { type: 'text', text: 'x' },
          { type: 'finish', reason: 'length', stopSequence: null },
          USAGE,
        ]),
      ),
    )
    expect(cut).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    const writer = read({}).writer(FACTS)
    writer.write([{ type: 'text', text: 'x' }])
    expect(
      sseEvents(writer.fail(new AppError('insufficient_quota', 'Empty.'))).at(-2),
    ).toMatchObject({
      name: 'response.failed',
      data: {
        response: { status: 'failed', error: { code: 'insufficient_quota', message: 'Empty.' } },
      },
    })
  })

  it('shows signs of life that every client takes: it begins first', () => {
    const writer = read({}).writer(FACTS)
    const names = sseEvents(writer.signOfLife() + writer.signOfLife()).map(({ name }) => name)
    expect(names[0]).toBe('response.created')
    expect(new Set(names.slice(1))).toEqual(new Set(['response.in_progress']))
    expect(check(sseEvents(streamed(read({}), EVERYTHING))).status).toBe('completed')
  })
})
