import type { Context } from 'hono'
import type * as z from 'zod'
import type { AppEnv } from '../app-env.ts'
import { toGeminiModel } from './faces/gemini/models.ts'
import { toAnthropicModel } from './faces/messages/models.ts'
import type { AnthropicModelList, GeminiModelList, Model, ModelList } from './schemas.ts'

type Models = z.output<typeof ModelList>
type OneModel = z.output<typeof Model>

/** Whose SDK is asking; all three have the same address for it. */
function formOf(c: Context<AppEnv>): 'openai' | 'anthropic' | 'google' {
  if (c.req.header('anthropic-version') !== undefined) return 'anthropic'
  return c.req.header('x-goog-api-key') === undefined ? 'openai' : 'google'
}

/** A list of models as the caller's SDK reads it. */
export function listInFormOf(
  c: Context<AppEnv>,
  models: Models,
): Models | z.output<typeof AnthropicModelList> | z.output<typeof GeminiModelList> {
  switch (formOf(c)) {
    case 'openai':
      return models
    case 'google':
      return { models: models.data.map(({ id }) => toGeminiModel(id)) }
    case 'anthropic': {
      const data = models.data.map(toAnthropicModel)
      return {
        data,
        has_more: false,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      }
    }
  }
}

/** One model as the caller's SDK reads it. */
export function oneInFormOf(c: Context<AppEnv>, model: OneModel) {
  switch (formOf(c)) {
    case 'openai':
      return model
    case 'google':
      return toGeminiModel(model.id)
    case 'anthropic':
      return toAnthropicModel(model)
  }
}
