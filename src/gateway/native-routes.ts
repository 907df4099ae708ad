import type { Context } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../app-env.ts'
import { toAnthropicError, toOpenAIError } from '../error-forms.ts'
import { AppError } from '../errors.ts'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { CALL_ERRORS } from './call-errors.ts'
import { inputOf } from './input-of.ts'
import { MESSAGES, NATIVE_ONLY, type NativeCall, RESPONSES } from './native/calls.ts'
import type { NativeInput } from './native/native-input.ts'
import { passNative } from './native/pass.ts'
import { servesItself, toldOf } from './native/serves.ts'

/** Headers of a protocol, with which a client says what it wants of a server. */
const PROTOCOL_HEADERS = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const

/** Answers a call as the server behind us does; null where it does not, and the call has to be translated. */
export async function asServed(
  c: Context<AppEnv>,
  which: 'responses' | 'messages',
): Promise<Response | null> {
  const ctx = c.get('ctx')
  const call = which === 'responses' ? RESPONSES : MESSAGES
  if (!(await servesItself(ctx, call))) return null
  return passNative(ctx, call, nativeInput(c))
}

function nativeInput(c: Context<AppEnv>): NativeInput {
  const headers = PROTOCOL_HEADERS.flatMap((name) => {
    const value = c.req.header(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const isAnthropic = c.req.path.startsWith('/v1/messages')
  return {
    ...inputOf(c),
    contentType: c.req.header('content-type') ?? 'application/json',
    headers: Object.fromEntries(headers),
    refuse: (error) =>
      isAnthropic ? toAnthropicError(error, c.get('requestId')) : toOpenAIError(error),
  }
}

/** Calls that a server has or has not: nobody here could translate them. */
export const nativeEndpoints: Endpoint[] = NATIVE_ONLY.map(nativeEndpoint)

function nativeEndpoint(call: NativeCall): Endpoint {
  const isForm = /edits|variations|transcriptions|translations/.test(call.path)
  return endpoint(
    {
      method: 'post',
      path: call.path,
      operationId: `call${call.path.replace('/v1', '').replace(/\/(.)/g, (_, first: string) => first.toUpperCase())}`,
      tag: 'OpenAI-compatible',
      summary: call.path.replace('/v1/', ''),
      description: `As the server behind this gateway answers it, if it does (\`UPSTREAM_SERVES\`).${isForm ? ' Takes a form with a file.' : ''}`,
      auth: { scope: 'chat' },
      admission: 'handler',
      validateBody: false,
      body: z
        .looseObject({ model: z.string() })
        .meta({ id: `Request${call.path.replaceAll('/', '_')}` }),
      answer: {
        status: 200,
        description: "The server's own answer.",
        schema: z.looseObject({}),
        alsoAs: ['text/event-stream', 'application/octet-stream', 'text/plain'],
      },
      errors: [...CALL_ERRORS, 'not_found'],
    },
    async (c) => {
      const ctx = c.get('ctx')
      if (ctx.config.PLUGIN_API_DIALECT !== 'openai' || toldOf(ctx, call.name) === false) {
        throw new AppError('not_found', `The AI service behind this gateway has no ${call.path}.`)
      }
      return passNative(ctx, call, nativeInput(c))
    },
  )
}
