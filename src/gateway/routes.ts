import * as z from 'zod'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { balanceEndpoints } from './balance-routes.ts'
import { chat } from './chat.ts'
import { faceEndpoints } from './face-routes.ts'
import { geminiCall, geminiModelEndpoints } from './gemini-routes.ts'
import { inputOf, requireKnownSystem } from './input-of.ts'
import { facesOf, listInFormOf, oneInFormOf } from './model-forms.ts'
import { getModel, listModels } from './models.ts'
import { nativeEndpoints } from './native-routes.ts'
import {
  AnthropicModel,
  AnthropicModelList,
  ChatCompletion,
  ChatCompletionRequest,
  CodexModelList,
  GeminiModel,
  GeminiModelList,
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
        description:
          "In OpenAI's form; with the header `anthropic-version` in Anthropic's, with `x-goog-api-key` in Google's; with the query `client_version` in Codex'.",
        answer: {
          status: 200,
          description: 'The models that you may ask for.',
          schema: z.union([ModelList, AnthropicModelList, CodexModelList, GeminiModelList]),
        },
        errors: [...errors, 'invalid_request'],
      },
      async (c) => listInFormOf(c, await listModels(requireKnownSystem(c), facesOf(c))),
    ),
  ]
}

/** Mounted at the root. */
export const gatewayEndpoints: Endpoint[] = [
  ...gatewayCalls('/v1', ''),
  ...faceEndpoints,
  ...nativeEndpoints,
  geminiCall('/v1beta', ''),
  geminiCall('/v1', 'V1'),
  ...geminiModelEndpoints,
  ...balanceEndpoints,
  endpoint(
    {
      method: 'get',
      path: '/v1/models/:id{.+}',
      operationId: 'getModel',
      tag,
      summary: 'One model',
      auth: looking,
      params: z.object({ id: z.string() }),
      answer: {
        status: 200,
        description: 'The model.',
        schema: z.union([Model, AnthropicModel, GeminiModel]),
      },
      errors: [...errors, 'invalid_request', 'model_not_found'],
    },
    async (c, { params }) =>
      oneInFormOf(c, await getModel(requireKnownSystem(c), params.id, facesOf(c))),
  ),
]

/** The same calls as part of the JSON API. */
export const pluginGatewayEndpoints: Endpoint[] = [
  ...gatewayCalls('/plugin-api', 'ViaPlugin'),
  geminiCall('/plugin-api/v1beta', 'ViaPlugin'),
]
