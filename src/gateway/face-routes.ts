import type { Context } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../app-env.ts'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { CALL_ERRORS } from './call-errors.ts'
import { chatThrough } from './chat.ts'
import { countMessageTokens } from './faces/messages/count-tokens.ts'
import { readMessagesRequest } from './faces/messages/read-request.ts'
import { readResponsesRequest } from './faces/responses/read-request.ts'
import { inputOf, readJsonBody } from './input-of.ts'
import { asServed } from './native-routes.ts'

const calling = { auth: { scope: 'chat' }, admission: 'handler', validateBody: false } as const
const Open = z.looseObject({})

/** Calls to a model in the words of other vendors than OpenAI's chat. */
export const faceEndpoints: Endpoint[] = [
  endpoint(
    {
      ...calling,
      method: 'post',
      path: '/v1/messages',
      operationId: 'createMessage',
      tag: 'Anthropic-compatible',
      summary: 'Messages',
      description:
        "Anthropic's Messages API: with `stream: true` a stream of its events. Errors have Anthropic's form.",
      body: z
        .looseObject({ model: z.string(), messages: z.array(Open), stream: z.boolean().nullish() })
        .meta({ id: 'MessagesRequest' }),
      answer: {
        status: 200,
        description: 'The message, or the stream of its events.',
        schema: z
          .looseObject({
            id: z.string(),
            type: z.literal('message'),
            role: z.literal('assistant'),
            model: z.string(),
            content: z.array(z.looseObject({ type: z.string() })),
            stop_reason: z.string().nullable(),
            usage: z.looseObject({ input_tokens: z.int(), output_tokens: z.int() }),
          })
          .meta({ id: 'Message' }),
        alsoAs: ['text/event-stream'],
      },
      errors: CALL_ERRORS,
    },
    async (c) =>
      withRequestId(
        c,
        (await asServed(c, 'messages')) ??
          (await chatThrough(
            c.get('ctx'),
            '/v1/messages',
            inputOf(c),
            'messages',
            readMessagesRequest,
          )),
      ),
  ),
  endpoint(
    {
      method: 'post',
      path: '/v1/messages/count_tokens',
      operationId: 'countMessageTokens',
      tag: 'Anthropic-compatible',
      summary: 'How long a request is',
      description: 'Estimated; free, and no model is asked.',
      auth: { scope: 'chat' },
      validateBody: false,
      body: z
        .looseObject({ model: z.string(), messages: z.array(Open) })
        .meta({ id: 'CountTokensRequest' }),
      answer: {
        status: 200,
        description: 'Tokens of the request.',
        schema: z.object({ input_tokens: z.int() }).meta({ id: 'CountTokensAnswer' }),
      },
      errors: ['invalid_request', 'malformed_request', 'payload_too_large'],
    },
    async (c) => countMessageTokens(await readJsonBody(c)),
  ),
  endpoint(
    {
      ...calling,
      method: 'post',
      path: '/v1/responses',
      operationId: 'createResponse',
      tag: 'OpenAI-compatible',
      summary: 'Responses',
      description:
        "OpenAI's Responses API: with `stream: true` a stream of its events. Nothing is kept: send the whole conversation in `input`.",
      body: z
        .looseObject({
          model: z.string(),
          input: z.union([z.string(), z.array(Open)]),
          stream: z.boolean().nullish(),
        })
        .meta({ id: 'ResponsesRequest' }),
      answer: {
        status: 200,
        description: 'The response, or the stream of its events.',
        schema: z
          .looseObject({
            id: z.string(),
            object: z.literal('response'),
            created_at: z.int(),
            status: z.enum(['completed', 'incomplete']),
            model: z.string(),
            output: z.array(z.looseObject({ type: z.string(), id: z.string() })),
            usage: z
              .looseObject({
                input_tokens: z.int(),
                output_tokens: z.int(),
                total_tokens: z.int(),
              })
              .nullable(),
          })
          .meta({ id: 'Response' }),
        alsoAs: ['text/event-stream'],
      },
      errors: CALL_ERRORS,
    },
    async (c) =>
      (await asServed(c, 'responses')) ??
      chatThrough(c.get('ctx'), '/v1/responses', inputOf(c), 'responses', readResponsesRequest),
  ),
]

/** Anthropic's SDKs look for it under this name. */
function withRequestId(c: Context<AppEnv>, answer: Response): Response {
  answer.headers.set('request-id', c.get('requestId'))
  return answer
}
