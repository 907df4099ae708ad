import * as z from 'zod'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { chat } from './chat.ts'
import { faceEndpoints } from './face-routes.ts'
import { generateContent } from './images.ts'
import { accountTypeOf, inputOf } from './input-of.ts'
import { getModel, listModels } from './models.ts'
import {
  ChatCompletion,
  ChatCompletionRequest,
  GenerateContentAnswer,
  GenerateContentRequest,
  Model,
  ModelList,
} from './schemas.ts'

const tag = 'OpenAI-compatible'
const chatting = { scope: 'chat' } as const
const looking = { scope: 'read:models' } as const
const errors = [
  'plugin_not_configured',
  'plugin_pending',
  'upstream_error',
  'upstream_timeout',
  'no_account',
] as const

/** Declares the OpenAI-compatible calls below a prefix: they are also part of the plug-in proxy. */
function gatewayCalls(prefix: string, suffix: string): Endpoint[] {
  return [
    endpoint(
      {
        method: 'post',
        path: `${prefix}/chat/completions`,
        operationId: `createChatCompletion${suffix}`,
        tag,
        summary: 'Chat',
        description:
          'With `stream: true` the answer is a stream of server-sent events that ends with `[DONE]`.',
        auth: chatting,
        admission: 'handler',
        body: ChatCompletionRequest,
        validateBody: false,
        answer: {
          status: 200,
          description: 'The completion, or the stream of its chunks.',
          schema: ChatCompletion,
          alsoAs: ['text/event-stream'],
        },
        errors: [
          ...errors,
          'invalid_request',
          'malformed_request',
          'content_refused',
          'model_not_found',
          'insufficient_quota',
          'rate_limited',
          'account_silenced',
          'payload_too_large',
        ],
      },
      async (c) => chat(c.get('ctx'), inputOf(c)),
    ),
    endpoint(
      {
        method: 'get',
        path: `${prefix}/models`,
        operationId: `listModels${suffix}`,
        tag,
        summary: 'Models',
        auth: looking,
        answer: { status: 200, description: 'The models that you may ask for.', schema: ModelList },
        errors,
      },
      async (c) => listModels(c.get('ctx'), accountTypeOf(c)),
    ),
  ]
}

/** Google's call for pictures, below a prefix. */
function imageCall(prefix: string, suffix: string): Endpoint {
  return endpoint(
    {
      method: 'post',
      path: `${prefix}/v1beta/models/:target{[^/]+:(?:generateContent|streamGenerateContent)}`,
      operationId: `generateContent${suffix}`,
      tag,
      summary: 'A picture',
      description:
        "In Google's form. `target` is `{model}:generateContent`. Errors have Google's form too. A key may also be sent as `x-goog-api-key`, never in the address.",
      auth: chatting,
      admission: 'handler',
      params: z.object({ target: z.string() }),
      body: GenerateContentRequest,
      validateBody: false,
      answer: { status: 200, description: 'The picture.', schema: GenerateContentAnswer },
      errors: [
        ...errors,
        'invalid_request',
        'malformed_request',
        'insufficient_quota',
        'account_silenced',
        'payload_too_large',
      ],
    },
    async (c, { params }) => generateContent(c.get('ctx'), params.target, inputOf(c)),
  )
}

/** Mounted at the root. */
export const gatewayEndpoints: Endpoint[] = [
  ...gatewayCalls('/v1', ''),
  ...faceEndpoints,
  imageCall('', ''),
  endpoint(
    {
      method: 'get',
      path: '/v1/models/:id{.+}',
      operationId: 'getModel',
      tag,
      summary: 'One model',
      auth: looking,
      params: z.object({ id: z.string() }),
      answer: { status: 200, description: 'The model.', schema: Model },
      errors: [...errors, 'model_not_found'],
    },
    async (c, { params }) => getModel(c.get('ctx'), params.id, accountTypeOf(c)),
  ),
]

/** The same calls as part of the JSON API. */
export const pluginGatewayEndpoints: Endpoint[] = [
  ...gatewayCalls('/plugin-api', 'ViaPlugin'),
  imageCall('/plugin-api', 'ViaPlugin'),
]
