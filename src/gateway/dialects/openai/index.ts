import type { Ctx } from '../../../context.ts'
import { AppError } from '../../../errors.ts'
import { membersOf, withMember } from '../../../platform/json-members.ts'
import type { ChatRequest } from '../../chat-request.ts'
import type { Dialect, Target } from '../dialect.ts'
import { addressOf, keyHeaders } from './address.ts'
import { readCompletion } from './completion.ts'
import { explainRefusal } from './refusal.ts'
import { OpenAIStream } from './stream.ts'

/**
 * Any plain OpenAI-compatible server, shared by a group through one key of the operator. It needs
 * no translation: its bytes pass as they are, and the books listen.
 */
export const openai: Dialect = {
  target: async (ctx) => serverTarget(ctx),
  body: (ctx, request) => (addsUsage(ctx, request) ? withUsage(request) : request.bytes),
  explain: explainRefusal,
  completion: readCompletion,
  stream: (ctx, options) =>
    new OpenAIStream(
      options.includeUsage
        ? 'asked'
        : ctx.config.UPSTREAM_STREAM_USAGE === 'always'
          ? 'hidden'
          : 'none',
    ),
  passesUntouched: (ctx, request) => !addsUsage(ctx, request),
}

/**
 * Servers report a stream's usage only when asked. Where the operator wants exact books for clients
 * that did not ask, we ask, and keep the answer from them: a chunk without choices breaks some.
 */
function addsUsage(ctx: Ctx, request: ChatRequest): boolean {
  return ctx.config.UPSTREAM_STREAM_USAGE === 'always' && request.stream && !request.includeUsage
}

function withUsage({ bytes, fields }: ChatRequest): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes)
  const given = membersOf(text).find(({ name }) => name === 'stream_options')
  const options = given && fields.stream_options ? text.slice(given.valueStart, given.end) : '{}'
  const asked = withMember(text, 'stream_options', withMember(options, 'include_usage', 'true'))
  return Uint8Array.from(new TextEncoder().encode(asked))
}

/** @throws {AppError} `plugin_not_configured` */
function serverTarget({ config }: Ctx): Target {
  const { PLUGIN_API_BASE_URL: baseUrl, UPSTREAM_API_KEY: key } = config
  if (!baseUrl) throw new AppError('plugin_not_configured')
  return {
    url: (path) => addressOf(baseUrl, path),
    headers: keyHeaders(baseUrl, key),
  }
}
