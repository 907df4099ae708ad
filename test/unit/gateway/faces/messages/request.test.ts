import { describe, expect, it } from 'vitest'
import { readMessagesRequest } from '../../../../../src/gateway/faces/messages/read-request.ts'
import { writeSealed } from '../../../../../src/gateway/faces/signature.ts'
import { user } from './support.ts'

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
