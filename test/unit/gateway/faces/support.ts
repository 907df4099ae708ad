import { expect } from 'vitest'
import type { AnswerEvent } from '../../../../src/gateway/faces/answer.ts'
import type { AnswerFacts, FaceRequest } from '../../../../src/gateway/faces/face.ts'

export const FACTS: AnswerFacts = {
  id: '0123456789abcdef',
  model: 'some-model',
  createdAt: 1_763_600_000_000,
  requestId: 'req-1',
  promptTokens: 3,
}

export const USAGE: AnswerEvent = {
  type: 'usage',
  usage: { promptTokens: 10, completionTokens: 7, cachedTokens: 4, reasoningTokens: 2 },
}

/** Two thoughts, a text, two parallel calls, one of them with a signature and an id that few take. */
export const EVERYTHING: AnswerEvent[] = [
  { type: 'reasoning', text: 'Let me ' },
  { type: 'reasoning', text: 'think.' },
  { type: 'text', text: 'I look ' },
  { type: 'text', text: 'it up.' },
  { type: 'tool_call', index: 0, id: 'functions.look:0', name: 'look', signature: 'SIG+/=' },
  { type: 'arguments', index: 0, text: '{"at":' },
  { type: 'arguments', index: 0, text: '"x"}' },
  { type: 'tool_call', index: 1, id: 'call_2', name: 'list', signature: null },
  { type: 'finish', reason: 'tool_calls', stopSequence: null },
  USAGE,
]

export interface SseEvent {
  name: string
  data: Record<string, unknown>
}

/** The events of a stream, each with a name. */
export function sseEvents(text: string): SseEvent[] {
  expect(text.endsWith('\n\n')).toBe(true)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const [, name = '', data = ''] = /^event: ([^\n]*)\ndata: (.*)$/s.exec(block) ?? []
      expect(name, block).not.toBe('')
      return { name, data: JSON.parse(data) as Record<string, unknown> }
    })
}

/** The stream that a request's writer makes of events, one at a time. */
export function streamed(request: FaceRequest, events: readonly AnswerEvent[]): string {
  const writer = request.writer(FACTS)
  return events.map((event) => writer.write([event])).join('') + writer.end()
}
