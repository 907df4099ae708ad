import { toResponsesError } from '../../../error-forms.ts'
import type { AppError } from '../../../errors.ts'
import type { JsonObject } from '../../dialects/fields.ts'
import type { AnswerEvent, AnswerUsage, FinishReason } from '../answer.ts'
import type { AnswerFacts, AnswerWriter } from '../face.ts'
import { toClientId } from '../tool-ids.ts'
import { failureCode, usageFields } from './fields.ts'
import { callItem, closingOf, type OpenItem, summaryPart, textContent } from './items.ts'

export interface ResponsesOptions {
  /** The client wants to see a summary of the thoughts. */
  isShown: boolean
  /** It wants to carry them itself. */
  isSealed: boolean
  /** Tools that take free text. */
  customTools: ReadonlySet<string>
  /** Fields of the request that a response repeats. */
  echoed: JsonObject
}

/**
 * Writes the events of OpenAI's Responses: items one after the other, each numbered by its place; what
 * is done is said whole once more, since some clients read nothing else.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export class ResponsesWriter implements AnswerWriter {
  readonly unplaced = new Map<string, string>()
  readonly #facts: AnswerFacts
  readonly #options: ResponsesOptions
  readonly #output: JsonObject[] = []
  #sequence = 0
  #hasStarted = false
  #open: OpenItem | null = null
  #finish: FinishReason = 'stop'
  #usage: AnswerUsage | null = null

  constructor(facts: AnswerFacts, options: ResponsesOptions) {
    this.#facts = facts
    this.#options = options
  }

  write(events: readonly AnswerEvent[]): string {
    let out = events.length > 0 ? this.#start() : ''
    for (const each of events) out += this.#write(each)
    return out
  }

  end(): string {
    const out = this.#start() + this.#close()
    const response = this.#ended()
    return out + this.#event(`response.${response.status}`, { response })
  }

  fail(error: AppError): string {
    const failure = { code: failureCode(error), message: error.message }
    const response = { ...this.#response('failed'), error: failure }
    // Codex and OpenAI's helper read the response, the SDKs below them the event that is called an error.
    return (
      this.#start() +
      this.#event('response.failed', { response }) +
      this.#event('error', { ...failure, param: null })
    )
  }

  refuse(error: AppError): string {
    return JSON.stringify(toResponsesError(error, this.#facts.createdAt))
  }

  signOfLife(): string {
    return (
      this.#start() +
      this.#event('response.in_progress', { response: this.#response('in_progress') })
    )
  }

  whole(events: readonly AnswerEvent[]): string {
    this.write(events)
    this.#close()
    return JSON.stringify(this.#ended())
  }

  #ended() {
    const reasons = { length: 'max_output_tokens', content_filter: 'content_filter' } as const
    const reason =
      this.#finish === 'length' || this.#finish === 'content_filter' ? reasons[this.#finish] : null
    return {
      ...this.#response(reason ? 'incomplete' : 'completed'),
      incomplete_details: reason && { reason },
      usage: usageFields(this.#usage),
    }
  }

  #response(status: 'in_progress' | 'completed' | 'incomplete' | 'failed') {
    return {
      id: `resp_${this.#facts.id}`,
      object: 'response',
      created_at: Math.floor(this.#facts.createdAt / 1000),
      status,
      background: false,
      error: null as object | null,
      incomplete_details: null as object | null,
      ...this.#options.echoed,
      model: this.#facts.model,
      output: [...this.#output],
      previous_response_id: null,
      service_tier: 'default',
      store: false,
      truncation: 'disabled',
      usage: null as object | null,
    }
  }

  #start(): string {
    if (this.#hasStarted) return ''
    this.#hasStarted = true
    const response = this.#response('in_progress')
    return (
      this.#event('response.created', { response }) +
      this.#event('response.in_progress', { response })
    )
  }

  #write(each: AnswerEvent): string {
    switch (each.type) {
      case 'reasoning':
        return this.#writeThought(each.text)
      case 'text':
        return this.#writeText(each.text)
      case 'tool_call':
        return this.#writeCall(each)
      case 'arguments':
        return this.#writeArguments(each.text)
      case 'finish':
        this.#finish = each.reason
        return ''
      case 'usage':
        this.#usage = each.usage
        return ''
    }
  }

  #writeThought(text: string): string {
    if (!this.#options.isShown && !this.#options.isSealed) return ''
    let out = ''
    if (this.#open?.type !== 'reasoning') out += this.#openThought()
    const open = this.#open
    if (open?.type !== 'reasoning') return out
    open.text += text
    if (!this.#options.isShown) return out
    const at = { item_id: open.id, ...this.#at(), summary_index: 0 }
    if (!open.hasPart) {
      open.hasPart = true
      out += this.#event('response.reasoning_summary_part.added', { ...at, part: summaryPart('') })
    }
    return out + this.#event('response.reasoning_summary_text.delta', { ...at, delta: text })
  }

  #openThought(): string {
    const out = this.#close()
    const id = this.#itemId('rs')
    this.#open = { type: 'reasoning', id, text: '', hasPart: false }
    const item = {
      id,
      type: 'reasoning',
      summary: [],
      ...(this.#options.isSealed && { encrypted_content: '' }),
    }
    return out + this.#event('response.output_item.added', { ...this.#at(), item })
  }

  #writeText(text: string): string {
    let out = ''
    if (this.#open?.type !== 'message') {
      out += this.#close()
      const id = this.#itemId('msg')
      this.#open = { type: 'message', id, text: '' }
      const item = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] }
      out += this.#event('response.output_item.added', { ...this.#at(), item })
      out += this.#event('response.content_part.added', {
        item_id: id,
        ...this.#at(),
        content_index: 0,
        part: textContent(''),
      })
    }
    const open = this.#open
    if (open?.type !== 'message') return out
    open.text += text
    return (
      out +
      this.#event('response.output_text.delta', {
        item_id: open.id,
        ...this.#at(),
        content_index: 0,
        delta: text,
        logprobs: [],
      })
    )
  }

  #writeCall({ id, name, signature }: Extract<AnswerEvent, { type: 'tool_call' }>): string {
    const callId = toClientId(id)
    let out = ''
    if (signature && this.#options.isSealed) {
      if (this.#open?.type !== 'reasoning') out += this.#openThought()
      out += this.#close({ [callId]: signature })
    } else {
      if (signature) this.unplaced.set(callId, signature)
      out += this.#close()
    }
    const type = this.#options.customTools.has(name) ? 'custom_tool_call' : 'function_call'
    this.#open = {
      type,
      id: this.#itemId(type === 'function_call' ? 'fc' : 'ctc'),
      callId,
      name,
      text: '',
    }
    return (
      out +
      this.#event('response.output_item.added', {
        ...this.#at(),
        item: callItem(this.#open, 'in_progress'),
      })
    )
  }

  /** Free text is inside the arguments: it is known only when they are complete. */
  #writeArguments(text: string): string {
    const open = this.#open
    if (open?.type !== 'function_call' && open?.type !== 'custom_tool_call') return ''
    open.text += text
    if (open.type === 'custom_tool_call') return ''
    return this.#event('response.function_call_arguments.delta', {
      item_id: open.id,
      ...this.#at(),
      delta: text,
    })
  }

  #close(signatures: Record<string, string> = {}): string {
    const open = this.#open
    if (!open) return ''
    const { events, item } = closingOf(open, this.#options.isSealed, signatures)
    const at = { item_id: open.id, ...this.#at() }
    let out = ''
    for (const [type, fields] of events) out += this.#event(type, { ...at, ...fields })
    return out + this.#done(item)
  }

  #done(item: JsonObject): string {
    const out = this.#event('response.output_item.done', { ...this.#at(), item })
    this.#output.push(item)
    this.#open = null
    return out
  }

  #at() {
    return { output_index: this.#output.length }
  }

  #itemId(prefix: string): string {
    return `${prefix}_${this.#facts.id}${this.#output.length}`
  }

  #event(type: string, fields: object): string {
    const data = { type, sequence_number: this.#sequence++, ...fields }
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
  }
}
