import type { AnswerEvent, AnswerUsage, FinishReason } from './answer.ts'

/** A whole piece of an answer. */
export type AnswerPart =
  | { type: 'reasoning'; text: string }
  | { type: 'text'; text: string }
  | { type: 'tool_call'; id: string; name: string; arguments: string; signature: string | null }

/** A whole answer. */
export interface Answer {
  parts: AnswerPart[]
  finish: FinishReason
  stopSequence: string | null
  usage: AnswerUsage | null
}

/** Puts the events of an answer together. */
export function answerOf(events: readonly AnswerEvent[]): Answer {
  const answer: Answer = { parts: [], finish: 'stop', stopSequence: null, usage: null }
  for (const event of events) add(answer, event)
  return answer
}

function add(answer: Answer, event: AnswerEvent): void {
  const { parts } = answer
  const last = parts.at(-1)
  switch (event.type) {
    case 'reasoning':
    case 'text':
      if (last?.type === event.type) last.text += event.text
      else parts.push({ type: event.type, text: event.text })
      return
    case 'tool_call': {
      const { id, name, signature } = event
      parts.push({ type: 'tool_call', id, name, signature, arguments: '' })
      return
    }
    case 'arguments':
      if (last?.type === 'tool_call') last.arguments += event.text
      return
    case 'finish':
      answer.finish = event.reason
      answer.stopSequence = event.stopSequence
      return
    case 'usage':
      answer.usage = event.usage
  }
}

/** Arguments as the object that they should be; what is none is kept under a name that says so. */
export function argumentsObject(text: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // A model may write anything.
  }
  return { invalid_arguments: text }
}
