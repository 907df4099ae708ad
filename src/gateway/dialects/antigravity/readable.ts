import { AppError } from '../../../errors.ts'
import type { ChatRequest } from '../../chat-request.ts'
import { isObject } from '../fields.ts'

/** The pictures that the plug-in takes: it drops everything else without a word, an address of the web or SVG too. */
const PICTURE = /^data:image\/\w+;base64,/

/** What the plug-in takes and does not heed. */
const UNHEEDED = [
  'stop',
  'response_format',
  'seed',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'frequency_penalty',
  'presence_penalty',
  'parallel_tool_calls',
  'reasoning_effort',
] as const

/**
 * Refuses what the plug-in would leave out of a conversation without a word: the model would answer
 * something else than was asked.
 *
 * @throws {AppError} `invalid_request` that names the part
 */
export function refuseUnreadable({ fields }: ChatRequest): void {
  if (typeof fields.n === 'number' && fields.n > 1) {
    throw new AppError('invalid_request', '"n": this AI service gives one answer a request.', {
      param: 'n',
    })
  }
  for (const [at, { content }] of fields.messages.entries()) {
    if (!Array.isArray(content)) continue
    for (const [index, part] of content.entries()) {
      const reason = whyUnreadable(part)
      if (!reason) continue
      const param = `messages.${at}.content.${index}`
      throw new AppError('invalid_request', `"${param}": ${reason}`, { param })
    }
  }
}

function whyUnreadable(part: Record<string, unknown>): string | null {
  switch (part.type) {
    case 'text':
      return typeof part.text === 'string' ? null : 'a text part needs "text".'
    // Of what a model said before, and of its refusals, the plug-in repeats the text.
    case 'refusal':
      return null
    case 'image_url': {
      const url = isObject(part.image_url) ? part.image_url.url : undefined
      return typeof url === 'string' && PICTURE.test(url)
        ? null
        : 'a picture has to be sent inline, as data:image/png;base64,… or in another format of pixels. This AI service fetches no addresses.'
    }
    default:
      return `this AI service takes text and pictures, no part of type "${String(part.type).slice(0, 40)}".`
  }
}

/** What of a request the plug-in does not heed, by name. */
export function unheededIn({ fields }: ChatRequest): string[] {
  const given: Record<string, unknown> = fields
  const named = UNHEEDED.filter((name) => isSaid(given[name]))
  const { tool_choice: choice } = given
  return isSaid(choice) && choice !== 'auto' ? [...named, 'tool_choice'] : named
}

const isSaid = (value: unknown) =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 0 &&
  !(isObject(value) && value.type === 'text')
