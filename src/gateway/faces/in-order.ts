import type { AnswerEvent } from './answer.ts'

interface OpenCall {
  index: number
  arguments: string
}

/**
 * Puts events so that one part is open at a time: what a second tool call says while the first is
 * open waits until that one is complete, at the latest until the finish. Chat Completions numbers its
 * calls and may mix them; the other protocols close a part before they open the next.
 */
export class InOrder {
  #open: OpenCall | null = null
  /** Later calls, by index, in the order in which they began. */
  readonly #waiting = new Map<number, AnswerEvent[]>()

  push(event: AnswerEvent): AnswerEvent[] {
    switch (event.type) {
      case 'tool_call':
        return this.#begin(event)
      case 'arguments':
        return this.#add(event)
      case 'usage':
        return [event]
      default:
        return [...this.#closeAll(), event]
    }
  }

  /** Whatever still waits, at the end of a stream that had no finish. */
  end(): AnswerEvent[] {
    return this.#closeAll()
  }

  #begin(event: Extract<AnswerEvent, { type: 'tool_call' }>): AnswerEvent[] {
    this.#waiting.set(event.index, [event])
    return this.#advance()
  }

  /** Opens the next of the calls that wait, once the one that is open is complete. */
  #advance(): AnswerEvent[] {
    const out: AnswerEvent[] = []
    for (const [index, events] of this.#waiting) {
      if (this.#open && !isComplete(this.#open.arguments)) return out
      this.#waiting.delete(index)
      this.#open = { index, arguments: argumentsIn(events) }
      out.push(...events)
    }
    return out
  }

  #add(event: Extract<AnswerEvent, { type: 'arguments' }>): AnswerEvent[] {
    if (this.#open?.index === event.index) {
      this.#open.arguments += event.text
      return [event]
    }
    this.#waiting.get(event.index)?.push(event)
    return []
  }

  #closeAll(): AnswerEvent[] {
    this.#open = null
    if (this.#waiting.size === 0) return []
    const events = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    return events
  }
}

function argumentsIn(events: readonly AnswerEvent[]): string {
  return events.map((event) => (event.type === 'arguments' ? event.text : '')).join('')
}

function isComplete(json: string): boolean {
  if (!json.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(json)
    return true
  } catch {
    return false
  }
}
