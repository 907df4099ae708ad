import type { ForeseenCall } from '../sharing/quota/index.ts'
import type { ChatRequest } from './chat-request.ts'

/** What a picture, or another part that is no text, comes to in tokens, as vendors count them; an estimate. */
const PART_TOKENS = 2_000

const encoder = new TextEncoder()

/**
 * The most that a chat can use. No tokenizer makes more tokens of a text than it has bytes; of the two
 * names of the longest answer servers go by either, and the answer is given `n` times.
 */
export function foresee({ fields }: ChatRequest): ForeseenCall {
  const { messages, tools, max_tokens, max_completion_tokens, n } = fields
  let promptTokens = tools ? bytesOf(JSON.stringify(tools)) : 0
  for (const { content, tool_calls } of messages) {
    if (typeof content === 'string') promptTokens += bytesOf(content)
    for (const part of Array.isArray(content) ? content : []) {
      promptTokens += typeof part.text === 'string' ? bytesOf(part.text) : PART_TOKENS
    }
    if (tool_calls) promptTokens += bytesOf(JSON.stringify(tool_calls))
  }
  const said = [max_tokens, max_completion_tokens].filter((limit) => typeof limit === 'number')
  return {
    promptTokens,
    maxAnswerTokens: said.length > 0 ? Math.max(...said) : null,
    answers: n ?? 1,
  }
}

const bytesOf = (text: string) => encoder.encode(text).byteLength
