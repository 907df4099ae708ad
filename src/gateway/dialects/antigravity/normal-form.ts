import { countOf, isObject, type JsonObject } from '../fields.ts'

const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'] as const

/** One of OpenAI's reasons, or null while the answer goes on; a reason of somebody else's is `stop`. */
export function finishReasonOf(value: unknown): (typeof FINISH_REASONS)[number] | null {
  if (typeof value !== 'string' || value === '') return null
  return FINISH_REASONS.find((reason) => reason === value.toLowerCase()) ?? 'stop'
}

/** Seconds since the epoch; the plug-in's clock is as good as ours. */
export function createdOf(value: unknown): number {
  return countOf(value) ?? Math.floor(Date.now() / 1000)
}

/** Gives tool calls what the plug-in leaves out: an index counted over the whole answer, an id, a type. */
export class ToolCallCounter {
  readonly #answerId: string
  #next = 0

  constructor(answerId: string) {
    this.#answerId = answerId
  }

  /** @returns null when there are none */
  complete(calls: unknown): JsonObject[] | null {
    if (!Array.isArray(calls) || calls.length === 0) return null
    return calls.filter(isObject).map((call) => {
      const index = countOf(call.index) ?? this.#next
      this.#next = Math.max(this.#next, index + 1)
      return {
        ...call,
        index,
        id:
          typeof call.id === 'string' && call.id !== ''
            ? call.id
            : `call_${this.#answerId.slice(-12)}_${index}`,
        type: 'function',
        function: functionOf(call.function),
      }
    })
  }
}

function functionOf(value: unknown): JsonObject {
  const called = isObject(value) ? value : {}
  const { arguments: given } = called
  return {
    ...called,
    name: typeof called.name === 'string' ? called.name : '',
    arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}),
  }
}
