import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../src/errors.ts'
import { readMessagesRequest } from '../../../../src/gateway/faces/messages/read-request.ts'
import { readSealed, writeSealed } from '../../../../src/gateway/faces/signature.ts'
import { EVERYTHING, FACTS, type SseEvent, sseEvents, streamed, USAGE } from './support.ts'

const user = (content: unknown) => ({ role: 'user', content })
const chatOf = (json: Record<string, unknown>) =>
  readMessagesRequest({ model: 'm', max_tokens: 10, messages: [user('Hi')], ...json }).chat
const messagesOf = (messages: unknown[], more = {}) => chatOf({ messages, ...more }).messages

describe('a Messages request', () => {
  it('becomes a chat', () => {
    expect(
      readMessagesRequest({
        model: 'm',
        max_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 5,
        stop_sequences: ['END'],
        stream: true,
        system: [
          { type: 'text', text: 'Be short.' },
          { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
        ],
        messages: [user('Hi')],
        metadata: { user_id: 'x' },
        context_management: { edits: [] },
        anything: 1,
      }),
    ).toMatchObject({
      stream: true,
      chat: {
        model: 'm',
        max_tokens: 100,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 5,
        stop: ['END'],
        messages: [
          { role: 'system', content: 'Be short.\n\nBe kind.' },
          { role: 'user', content: 'Hi' },
        ],
      },
    })
    expect(Object.keys(chatOf({ metadata: {}, context_management: {} })).sort()).toEqual([
      'max_tokens',
      'messages',
      'model',
    ])
  })

  it('keeps system messages where they stand', () => {
    expect(
      messagesOf([user('Hi'), { role: 'system', content: [{ type: 'text', text: 'Now' }] }]),
    ).toEqual([user('Hi'), { role: 'system', content: 'Now' }])
  })

  it('puts results of tools before the text of their turn, and their pictures behind them', () => {
    const image = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' },
    }
    expect(
      messagesOf([
        user('Go'),
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'a', name: 'see', input: { x: 1 } }],
        },
        user([
          { type: 'text', text: 'And?' },
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [{ type: 'text', text: 'A picture' }, image],
          },
        ]),
      ]),
    ).toEqual([
      user('Go'),
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'see', arguments: '{"x":1}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'A picture' },
      user([
        { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,AAAA' } },
        { type: 'text', text: 'And?' },
      ]),
    ])
  })

  it('drops what is empty, and joins the text after a call with the text before it', () => {
    expect(
      messagesOf([
        user([{ type: 'text', text: '' }]),
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Before' },
            { type: 'tool_use', id: 'a', name: 'f', input: {} },
            { type: 'text', text: 'After' },
          ],
        },
      ]),
    ).toMatchObject([{ role: 'assistant', content: 'Before\n\nAfter', tool_calls: [{ id: 'a' }] }])
  })

  it('gives a tool loop its thoughts and signatures back, and no conversation of another vendor', () => {
    const seal = (text: string) => writeSealed({ signatures: { a: 'SIG' }, ...(text && { text }) })
    const turn = (thinking: string, signature: string) => ({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking, signature },
        { type: 'redacted_thinking', data: 'x' },
        { type: 'tool_use', id: 'a', name: 'f', input: {} },
      ],
    })
    const result = user([{ type: 'tool_result', tool_use_id: 'a', content: 'ok' }])
    const assistantOf = (message: unknown) =>
      (messagesOf([user('Hi'), message, result]) as unknown[])[1]
    expect(assistantOf(turn('Hm', seal('')))).toMatchObject({
      reasoning_content: 'Hm',
      tool_calls: [{ extra_content: { google: { thought_signature: 'SIG' } } }],
    })
    expect(assistantOf(turn('', seal('Hidden')))).toMatchObject({ reasoning_content: 'Hidden' })
    expect(assistantOf(turn('Hm', 'ErUB3x'))).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
    // A loop that is over: the signature still, the thought no more.
    const [, old] = messagesOf([user('Hi'), turn('Hm', seal('')), result, user('More')]) as object[]
    expect(old).not.toHaveProperty('reasoning_content')
  })

  it('translates tools and the choice among them', () => {
    const chat = chatOf({
      tools: [
        {
          name: 'f',
          description: 'Does f',
          input_schema: { $schema: 'x', type: 'object', properties: {} },
          cache_control: {},
        },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect(chat).toMatchObject({ tool_choice: 'required', parallel_tool_calls: false })
    expect(chat.tools).toEqual([
      {
        type: 'function',
        function: {
          name: 'f',
          description: 'Does f',
          parameters: { type: 'object', properties: {} },
        },
      },
    ])
    expect(chatOf({ tool_choice: { type: 'auto' } })).not.toHaveProperty('tool_choice')
  })

  it.each([
    [{ model: undefined }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'x' }, 'messages'],
    [{ messages: [user(5)] }, 'messages.0.content'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ stream: 'yes' }, 'stream'],
  ])('is refused where no model could be asked: %j', (change, param) => {
    expect(() => chatOf(change)).toThrow(
      expect.objectContaining({ code: 'invalid_request', param }),
    )
  })
})

/** Puts a message together as Anthropic's SDK does, and fails where it would. */
function accumulate(events: readonly SseEvent[]) {
  const content: Record<string, unknown>[] = []
  let open: number | null = null
  expect(events[0]?.name).toBe('message_start')
  for (const { name, data } of events.slice(1)) {
    expect(data.type).toBe(name)
    if (name === 'content_block_start') {
      expect(open).toBeNull()
      expect(data.index).toBe(content.length)
      open = data.index as number
      content.push({ ...(data.content_block as object), json: '' })
    } else if (name === 'content_block_delta') {
      expect(data.index).toBe(open)
      const delta = data.delta as Record<string, string>
      const block = content.at(-1) ?? {}
      if (delta.type === 'text_delta') block.text += delta.text ?? ''
      else if (delta.type === 'thinking_delta') block.thinking += delta.thinking ?? ''
      else if (delta.type === 'signature_delta') block.signature = delta.signature
      else if (delta.type === 'input_json_delta') block.json += delta.partial_json ?? ''
      else expect.fail(delta.type)
    } else if (name === 'content_block_stop') {
      expect(data.index).toBe(open)
      open = null
    }
  }
  expect(open).toBeNull()
  expect(events.slice(-2).map(({ name }) => name)).toEqual(['message_delta', 'message_stop'])
  return {
    content: content.map(({ json, ...block }) =>
      block.type === 'tool_use' ? { ...block, input: JSON.parse((json as string) || '{}') } : block,
    ),
    ...(events.at(-2)?.data.delta as object),
    usage: events.at(-2)?.data.usage,
  }
}

const request = (thinking?: object) =>
  readMessagesRequest({
    model: 'some-model',
    messages: [user('Hi')],
    ...(thinking && { thinking }),
  })

describe('a Messages answer', () => {
  it.each([
    ['shown', { type: 'enabled', budget_tokens: 2_000 }],
    ['omitted', { type: 'adaptive', display: 'omitted' }],
    ['not asked for', undefined],
  ])('is the same streamed and whole, with thoughts %s', (_, thinking) => {
    const whole = JSON.parse(request(thinking).writer(FACTS).whole(EVERYTHING))
    const stream = accumulate(sseEvents(streamed(request(thinking), EVERYTHING)))
    expect(whole).toMatchObject(stream)
    expect(whole.content.length).toBe(stream.content.length)
  })

  it('says everything, and what it says comes back whole', () => {
    const { content, ...rest } = JSON.parse(
      request({ type: 'enabled' }).writer(FACTS).whole(EVERYTHING),
    )
    expect(rest).toMatchObject({
      id: 'msg_0123456789abcdef',
      type: 'message',
      role: 'assistant',
      model: 'some-model',
      stop_reason: 'tool_use',
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 4,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 2 },
      },
    })
    expect(content.map(({ type }: { type: string }) => type)).toEqual([
      'thinking',
      'text',
      'thinking',
      'tool_use',
      'tool_use',
    ])
    for (const { id } of content.slice(3)) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    const back = messagesOf([user('Hi'), { role: 'assistant', content }]) as object[]
    expect(back[1]).toEqual({
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

  it('keeps a signature that has no place for somebody else to remember', () => {
    const writer = request().writer(FACTS)
    writer.whole(EVERYTHING)
    expect([...writer.unplaced.values()]).toEqual(['SIG+/='])
  })

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
    ['tool_calls', 'end_turn'],
  ] as const)('ends for the reason %s as %s, when no tool was called', (reason, expected) => {
    const { stop_reason } = accumulate(
      sseEvents(
        streamed(request(), [
          { type: 'text', text: 'x' },
          { type: 'finish', reason, stopSequence: null },
        ]),
      ),
    ) as { stop_reason?: string }
    expect(stop_reason).toBe(expected)
  })

  it('has an end even when nothing was said', () => {
    expect(accumulate(sseEvents(streamed(request(), [USAGE])))).toMatchObject({ content: [] })
  })

  it('fails within a stream as Anthropic does', () => {
    const writer = request().writer(FACTS)
    expect(sseEvents(writer.fail(new AppError('insufficient_quota', 'Empty.')))).toEqual([
      {
        name: 'error',
        data: {
          type: 'error',
          error: { type: 'rate_limit_error', message: 'Empty.' },
          request_id: 'req-1',
        },
      },
    ])
  })
})

describe('a seal', () => {
  it('is read only where it is ours', () => {
    const text = 'ä語😀'.repeat(50_000)
    expect(readSealed(writeSealed({ signatures: { a: 'b' }, text }))).toEqual({
      signatures: { a: 'b' },
      text,
    })
    for (const other of ['', 'sa1.', 'sa1.!!', 'sa1.W10', 'EqQBCgIYAhIM', 7, undefined]) {
      expect(readSealed(other)).toBeNull()
    }
  })
})
