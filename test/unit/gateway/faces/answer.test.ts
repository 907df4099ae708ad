import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnswerEvent, AnswerReader } from '../../../../src/gateway/faces/answer.ts'
import { InOrder } from '../../../../src/gateway/faces/in-order.ts'
import { answerOf } from '../../../../src/gateway/faces/parts.ts'
import { toClientId, toServerId } from '../../../../src/gateway/faces/tool-ids.ts'

const chunk = (delta: object, finish_reason: string | null = null, more = {}) => ({
  choices: [{ index: 0, delta, finish_reason }],
  ...more,
})

describe('AnswerReader', () => {
  it('reads what a chat streams', () => {
    const reader = new AnswerReader()
    const events = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm' }),
      chunk({ reasoning: 'm' }),
      chunk({ content: 'Yes' }),
      chunk({ tool_calls: [{ index: 1, id: 'b', function: { name: 'f', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
      {
        choices: [],
        usage: {
          prompt_tokens: 9,
          completion_tokens: 5,
          prompt_tokens_details: { cached_tokens: 3 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      },
    ].flatMap((each) => reader.read(each))
    expect(events).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'reasoning', text: 'm' },
      { type: 'text', text: 'Yes' },
      { type: 'tool_call', index: 1, id: 'b', name: 'f', signature: null },
      { type: 'arguments', index: 1, text: '{}' },
      { type: 'finish', reason: 'tool_calls', stopSequence: null },
      {
        type: 'usage',
        usage: { promptTokens: 9, completionTokens: 5, cachedTokens: 3, reasoningTokens: 2 },
      },
    ])
  })
})

describe('InOrder', () => {
  it('has one part open at a time, and loses nothing, however calls are mixed', () => {
    const piece = fc.record({ call: fc.nat(3), text: fc.constantFrom('{"a":', '"b"}', '{}', 'x') })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const begun = new Set<number>()
        const said: Record<number, string> = {}
        const order = new InOrder()
        const out: AnswerEvent[] = []
        for (const { call: index, text } of pieces) {
          // What has been written whole has nothing to add.
          if (isJson(said[index])) continue
          if (!begun.has(index)) {
            const event = {
              type: 'tool_call',
              index,
              id: `${index}`,
              name: 'f',
              signature: null,
            } as const
            out.push(...order.push(event))
            begun.add(index)
          }
          said[index] = (said[index] ?? '') + text
          out.push(...order.push({ type: 'arguments', index, text }))
        }
        out.push(...order.push({ type: 'finish', reason: 'stop', stopSequence: null }))
        const parts = answerOf(out).parts.map((part) =>
          part.type === 'tool_call' ? [part.id, part.arguments] : part,
        )
        expect(Object.fromEntries(parts as [string, string][])).toEqual(said)
        expect(parts.length).toBe(begun.size)
      }),
      { numRuns: 2_000 },
    )
  })
})

function isJson(text: string | undefined): boolean {
  try {
    JSON.parse(text ?? '')
    return true
  } catch {
    return false
  }
}

describe('ids of tool calls', () => {
  it('are what every client takes, and lead back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        expect(toClientId(id)).toMatch(/^[a-zA-Z0-9_-]+$/)
        expect(toServerId(toClientId(id))).toBe(id)
      }),
    )
    expect(toClientId('call_1')).toBe('call_1')
    expect(toServerId(toClientId('sa64_x'))).toBe('sa64_x')
  })
})
