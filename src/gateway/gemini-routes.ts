import type { Context } from 'hono'
import * as z from 'zod'
import type { AppEnv } from '../app-env.ts'
import { AppError } from '../errors.ts'
import { meantModel } from '../metering/catalog/index.ts'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { CALL_ERRORS } from './call-errors.ts'
import { chatThrough } from './chat.ts'
import { countContentTokens } from './faces/gemini/count-tokens.ts'
import { toGeminiModel } from './faces/gemini/models.ts'
import { geminiReader } from './faces/gemini/read-request.ts'
import { makePicture, makesPictures } from './images.ts'
import { inputOf, readJsonBody, requireKnownSystem } from './input-of.ts'
import { getModel, listModels } from './models.ts'
import {
  GeminiModel,
  GeminiModelList,
  GenerateContentAnswer,
  GenerateContentRequest,
} from './schemas.ts'

const tag = 'Gemini-compatible'
const looking = { scope: 'read:models' } as const
/** Names the call in the books. */
const ENDPOINT = '/v1beta/models:generateContent'
const TARGET = /^(.{1,200}):(generateContent|streamGenerateContent|countTokens)$/

/** Google's calls of a model, in either of its versions; they are also part of the plug-in proxy. */
export function geminiCall(
  prefix: '/v1beta' | '/v1' | '/plugin-api/v1beta',
  suffix: string,
): Endpoint {
  return endpoint(
    {
      method: 'post',
      path: `${prefix}/models/:target{.+:(?:generateContent|streamGenerateContent|countTokens)}`,
      operationId: `generateContent${suffix}`,
      tag,
      summary: 'Generate content',
      description:
        "In Google's form. `target` is `{model}:generateContent`, `{model}:streamGenerateContent` (server-sent events with `alt=sse`, else a JSON list that grows) or `{model}:countTokens`, which is estimated and free. Models that make pictures answer both of the former in one piece. Errors have Google's form too. A key may also be sent as `x-goog-api-key`, never in the address.",
      auth: { scope: 'chat' },
      admission: 'handler',
      params: z.object({ target: z.string() }),
      body: GenerateContentRequest,
      validateBody: false,
      answer: {
        status: 200,
        description: 'What the model says, or the number of tokens.',
        schema: z.union([
          GenerateContentAnswer,
          z.array(GenerateContentAnswer),
          z.looseObject({ totalTokens: z.int() }),
        ]),
        alsoAs: ['text/event-stream'],
      },
      errors: CALL_ERRORS,
    },
    async (c, { params }) => callGemini(c, params.target),
  )
}

async function callGemini(c: Context<AppEnv>, target: string): Promise<Response> {
  const ctx = c.get('ctx')
  const [, model = '', verb] = TARGET.exec(target) ?? []
  switch (verb) {
    case 'countTokens':
      await ctx.cleared()
      return c.json(countContentTokens(await readJsonBody(c)))
    case 'generateContent':
    case 'streamGenerateContent': {
      const meant = await meantModel(ctx, model, 'gemini')
      if (makesPictures(ctx, meant)) return makePicture(ctx, meant, verb, inputOf(c))
      const isEvents = c.req.query('alt') === 'sse'
      const transport = verb === 'generateContent' ? 'whole' : isEvents ? 'events' : 'list'
      return chatThrough(ctx, ENDPOINT, inputOf(c), 'gemini', geminiReader(model, transport))
    }
    default:
      throw new AppError('model_not_found', 'The name of a model has at most 200 characters.')
  }
}

/** Google's lists of models. */
export const geminiModelEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/v1beta/models',
      operationId: 'listGeminiModels',
      tag,
      summary: 'Models',
      auth: looking,
      answer: {
        status: 200,
        description: 'The models that you may ask for.',
        schema: GeminiModelList,
      },
      errors: CALL_ERRORS,
    },
    async (c) => {
      const { data } = await listModels(requireKnownSystem(c), ['gemini'])
      return { models: data.map(({ id }) => toGeminiModel(id)) }
    },
  ),
  endpoint(
    {
      method: 'get',
      // What has a verb behind a colon is no model.
      path: '/v1beta/models/:id{[^:]+}',
      operationId: 'getGeminiModel',
      tag,
      summary: 'One model',
      auth: looking,
      params: z.object({ id: z.string() }),
      answer: { status: 200, description: 'The model.', schema: GeminiModel },
      errors: [...CALL_ERRORS],
    },
    async (c, { params }) =>
      toGeminiModel((await getModel(requireKnownSystem(c), params.id, ['gemini'])).id),
  ),
]
