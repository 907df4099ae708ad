import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../../src/errors.ts'
import { readMessagesRequest } from '../../../../../src/gateway/faces/messages/read-request.ts'
import { EVERYTHING, FACTS, sseEvents, streamed, USAGE } from '../support.ts'
import { accumulate, user } from './support.ts'

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
    const { chat } = readMessagesRequest({
      model: 'm',
      messages: [user('Hi'), { role: 'assistant', content }],
    })
    const back = chat.messages as object[]
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
