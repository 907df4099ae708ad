import type { Context } from 'hono'
import type * as z from 'zod'
import type { AppEnv } from '../app-env.ts'
import type { Face } from '../db/schema/index.ts'
import { toGeminiModel } from './faces/gemini/models.ts'
import { toAnthropicModel } from './faces/messages/models.ts'
import { toCodexModel } from './faces/responses/models.ts'
import type {
  AnthropicModelList,
  CodexModelList,
  GeminiModelList,
  Model,
  ModelList,
} from './schemas.ts'

type Models = z.output<typeof ModelList>
type OneModel = z.output<typeof Model>

/** Whose SDK is asking; all three have the same address for it. */
function formOf(c: Context<AppEnv>): 'openai' | 'codex' | 'anthropic' | 'google' {
  if (c.req.header('anthropic-version') !== undefined) return 'anthropic'
  if (c.req.query('client_version') !== undefined) return 'codex'
  return c.req.header('x-goog-api-key') === undefined ? 'openai' : 'google'
}

const FACES_OF = {
  openai: ['chat', 'responses'],
  codex: ['responses'],
  anthropic: ['messages'],
  google: ['gemini'],
} as const satisfies Record<ReturnType<typeof formOf>, readonly Face[]>

/** The protocols that whoever asks for a list will speak. */
export function facesOf(c: Context<AppEnv>): readonly Exclude<Face, 'any'>[] {
  return FACES_OF[formOf(c)]
}

/** A list of models as the caller's SDK reads it. */
export function listInFormOf(
  c: Context<AppEnv>,
  models: Models,
):
  | Models
  | z.output<typeof AnthropicModelList>
  | z.output<typeof CodexModelList>
  | z.output<typeof GeminiModelList> {
  switch (formOf(c)) {
    case 'openai':
      return models
    case 'codex':
      return { models: models.data.map(toCodexModel) }
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
    case 'codex':
      return model
    case 'google':
      return toGeminiModel(model.id)
    case 'anthropic':
      return toAnthropicModel(model)
  }
}
