import type { JsonObject } from '../../dialects/fields.ts'
import { argumentsObject } from '../parts.ts'
import { writeSealed } from '../signature.ts'

/** The item that is being written. */
export type OpenItem =
  | { type: 'reasoning'; id: string; text: string; hasPart: boolean }
  | { type: 'message'; id: string; text: string }
  | {
      type: 'function_call' | 'custom_tool_call'
      id: string
      callId: string
      name: string
      text: string
    }

/** The end of an item: the events that say its parts whole, without their place, and the item itself. */
interface Closing {
  events: [type: string, fields: JsonObject][]
  item: JsonObject
}

/**
 * @param isSealed the client carries thoughts and signatures itself
 * @param signatures of the calls that follow, by their ids
 */
export function closingOf(
  open: OpenItem,
  isSealed: boolean,
  signatures: Record<string, string>,
): Closing {
  switch (open.type) {
    case 'reasoning':
      return closedThought(open, isSealed, signatures)
    case 'message':
      return closedMessage(open)
    case 'function_call': {
      // A call without arguments is one with none, and has to be JSON all the same.
      const call = { ...open, text: open.text.trim() === '' ? '{}' : open.text }
      const done = { name: call.name, arguments: call.text }
      return {
        events: [['response.function_call_arguments.done', done]],
        item: callItem(call, 'completed'),
      }
    }
    case 'custom_tool_call': {
      const input = inputOf(open.text)
      return {
        events: [
          ['response.custom_tool_call_input.delta', { delta: input }],
          ['response.custom_tool_call_input.done', { input }],
        ],
        item: callItem(open, 'completed'),
      }
    }
  }
}

function closedMessage({ id, text }: Extract<OpenItem, { type: 'message' }>): Closing {
  const part = textContent(text)
  return {
    events: [
      ['response.output_text.done', { content_index: 0, text, logprobs: [] }],
      ['response.content_part.done', { content_index: 0, part }],
    ],
    item: { id, type: 'message', status: 'completed', role: 'assistant', content: [part] },
  }
}

function closedThought(
  { id, text, hasPart }: Extract<OpenItem, { type: 'reasoning' }>,
  isSealed: boolean,
  signatures: Record<string, string>,
): Closing {
  const part = summaryPart(text)
  return {
    events: hasPart
      ? [
          ['response.reasoning_summary_text.done', { summary_index: 0, text }],
          ['response.reasoning_summary_part.done', { summary_index: 0, part }],
        ]
      : [],
    item: {
      id,
      type: 'reasoning',
      summary: hasPart ? [part] : [],
      ...(isSealed && {
        encrypted_content: writeSealed({ signatures, ...(!hasPart && { text }) }),
      }),
    },
  }
}

export function callItem(
  { type, id, callId: call_id, name, text }: Extract<OpenItem, { callId: string }>,
  status: string,
): JsonObject {
  const said = type === 'function_call' ? { arguments: text } : { input: inputOf(text) }
  return { id, type, status, call_id, name, ...said }
}

export function textContent(text: string) {
  return { type: 'output_text', text, annotations: [], logprobs: [] }
}

export function summaryPart(text: string) {
  return { type: 'summary_text', text }
}

function inputOf(json: string): string {
  const { input } = argumentsObject(json)
  return typeof input === 'string' ? input : json
}
