import { toAnthropicError } from '../../../error-forms.ts'
import type { AppError } from '../../../errors.ts'
import type { AnswerEvent, AnswerUsage, FinishReason } from '../answer.ts'
import type { AnswerFacts, AnswerWriter } from '../face.ts'
import { type Answer, answerOf, argumentsObject } from '../parts.ts'
import { writeSealed } from '../signature.ts'
import { toClientId } from '../tool-ids.ts'

const PING = event('ping', { type: 'ping' })

/** How much of its thoughts a client wants to see. */
export type Thoughts = 'shown' | 'sealed' | 'none'

type Block = 'thinking' | 'text' | 'tool_use'

/**
 * Writes Anthropic's events: blocks one after the other, each numbered by its place, with usage as
 * running totals. https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export class MessagesWriter implements AnswerWriter {
  readonly unplaced = new Map<string, string>()
  readonly #facts: AnswerFacts
  readonly #thoughts: Thoughts
  #hasStarted = false
  #open: Block | null = null
  #index = -1
  #hasCalled = false
  /** Of the thought that is open. */
  #hidden = ''
  #finish: FinishReason = 'stop'
  #stopSequence: string | null = null
  #usage: AnswerUsage | null = null

  constructor(facts: AnswerFacts, thoughts: Thoughts) {
    this.#facts = facts
    this.#thoughts = thoughts
  }

  write(events: readonly AnswerEvent[]): string {
    let out = events.length > 0 ? this.#start() : ''
    for (const each of events) out += this.#write(each)
    return out
  }

  end(): string {
    const out = this.#start() + this.#close()
    const { stop_reason, stop_sequence } = this.#stop()
    return (
      out +
      event('message_delta', {
        type: 'message_delta',
        delta: { stop_reason, stop_sequence },
        usage: this.#usageFields(),
      }) +
      event('message_stop', { type: 'message_stop' })
    )
  }

  fail(error: AppError): string {
    return event('error', toAnthropicError(error, this.#facts.requestId))
  }

  refuse(error: AppError): string {
    return JSON.stringify(toAnthropicError(error, this.#facts.requestId))
  }

  signOfLife(): string {
    return PING
  }

  whole(events: readonly AnswerEvent[]): string {
    const answer = answerOf(events)
    this.#finish = answer.finish
    this.#stopSequence = answer.stopSequence
    this.#usage = answer.usage
    const content = this.#blocks(answer)
    return JSON.stringify({
      ...this.#message(),
      content,
      ...this.#stop(),
      usage: this.#usageFields(),
    })
  }

  #blocks({ parts }: Answer): object[] {
    const blocks: object[] = []
    const isSilent = this.#thoughts === 'none'
    for (const [at, part] of parts.entries()) {
      if (part.type === 'text') blocks.push({ type: 'text', text: part.text })
      else if (part.type === 'tool_call') {
        const id = toClientId(part.id)
        this.#hasCalled = true
        if (part.signature && isSilent) this.unplaced.set(id, part.signature)
        else if (part.signature && parts[at - 1]?.type !== 'reasoning') {
          blocks.push(this.#thought('', part))
        }
        blocks.push({
          type: 'tool_use',
          id,
          name: part.name,
          input: argumentsObject(part.arguments),
        })
      } else if (!isSilent) {
        const next = parts[at + 1]
        blocks.push(this.#thought(part.text, next?.type === 'tool_call' ? next : null))
      }
    }
    return blocks
  }

  #thought(text: string, call: { id: string; signature: string | null } | null): object {
    const isHidden = this.#thoughts === 'sealed'
    return {
      type: 'thinking',
      thinking: isHidden ? '' : text,
      signature: writeSealed({
        signatures: call?.signature ? { [toClientId(call.id)]: call.signature } : {},
        ...(isHidden && { text }),
      }),
    }
  }

  #message(): object {
    return {
      id: `msg_${this.#facts.id}`,
      type: 'message',
      role: 'assistant',
      model: this.#facts.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
    }
  }

  #start(): string {
    if (this.#hasStarted) return ''
    this.#hasStarted = true
    const message = { ...this.#message(), usage: this.#usageFields() }
    return event('message_start', { type: 'message_start', message })
  }

  #write(each: AnswerEvent): string {
    switch (each.type) {
      case 'reasoning':
        return this.#writeThought(each.text)
      case 'text':
        return (
          this.#into('text', { type: 'text', text: '' }) +
          this.#delta('text_delta', 'text', each.text)
        )
      case 'tool_call':
        return this.#writeCall(each)
      case 'arguments':
        return this.#open === 'tool_use'
          ? this.#delta('input_json_delta', 'partial_json', each.text)
          : ''
      case 'finish':
        this.#finish = each.reason
        this.#stopSequence = each.stopSequence
        return ''
      case 'usage':
        this.#usage = each.usage
        return ''
    }
  }

  #writeThought(text: string): string {
    if (this.#thoughts === 'none') return ''
    const out = this.#into('thinking', { type: 'thinking', thinking: '', signature: '' })
    if (this.#thoughts === 'shown') return out + this.#delta('thinking_delta', 'thinking', text)
    this.#hidden += text
    return out
  }

  #writeCall({ id, name, signature }: Extract<AnswerEvent, { type: 'tool_call' }>): string {
    this.#hasCalled = true
    const clientId = toClientId(id)
    let out = ''
    if (signature && this.#thoughts === 'none') this.unplaced.set(clientId, signature)
    if (signature && this.#thoughts !== 'none') {
      out += this.#into('thinking', { type: 'thinking', thinking: '', signature: '' })
      out += this.#close({ [clientId]: signature })
    } else out += this.#close()
    this.#open = 'tool_use'
    this.#index++
    return (
      out +
      event('content_block_start', {
        type: 'content_block_start',
        index: this.#index,
        content_block: { type: 'tool_use', id: clientId, name, input: {} },
      })
    )
  }

  /** Opens a block where none of its kind is open. */
  #into(block: Exclude<Block, 'tool_use'>, content_block: object): string {
    if (this.#open === block) return ''
    const out = this.#close()
    this.#open = block
    this.#index++
    return (
      out +
      event('content_block_start', {
        type: 'content_block_start',
        index: this.#index,
        content_block,
      })
    )
  }

  #delta(type: string, field: string, text: string): string {
    return event('content_block_delta', {
      type: 'content_block_delta',
      index: this.#index,
      delta: { type, [field]: text },
    })
  }

  #close(signatures: Record<string, string> = {}): string {
    if (!this.#open) return ''
    let out = ''
    if (this.#open === 'thinking') {
      out += this.#delta(
        'signature_delta',
        'signature',
        writeSealed({ signatures, text: this.#hidden }),
      )
      this.#hidden = ''
    }
    this.#open = null
    return out + event('content_block_stop', { type: 'content_block_stop', index: this.#index })
  }

  #stop() {
    const ends = { stop: 'end_turn', length: 'max_tokens', content_filter: 'refusal' } as const
    if (this.#hasCalled) return { stop_reason: 'tool_use', stop_sequence: null }
    const reason = this.#finish === 'tool_calls' ? 'stop' : this.#finish
    return reason === 'stop' && this.#stopSequence !== null
      ? { stop_reason: 'stop_sequence', stop_sequence: this.#stopSequence }
      : { stop_reason: ends[reason], stop_sequence: null }
  }

  #usageFields() {
    const { promptTokens, completionTokens, cachedTokens, reasoningTokens } = this.#usage ?? {
      promptTokens: this.#facts.promptTokens,
      completionTokens: 0,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    return {
      input_tokens: promptTokens - cachedTokens,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: cachedTokens,
      output_tokens: completionTokens,
      ...(reasoningTokens > 0 && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
    }
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
