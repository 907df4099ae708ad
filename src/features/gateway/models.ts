import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { readLimited } from '../../platform/http/read-limited.ts'
import { antigravity } from './dialects/antigravity.ts'
import { ModelList } from './schemas.ts'
import { callUpstream } from './upstream.ts'

const CACHE_MS = 60_000
const MAX_CACHED = 1_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

type Models = z.output<typeof ModelList>

/** Each call makes the plug-in ask its upstream, so that an isolate remembers the answer for a minute. */
const cache = new Map<number, { models: Models; freshUntil: number }>()

/** The models that the person may ask for. */
export async function listModels(ctx: Ctx): Promise<Models> {
  const { userId } = requirePerson(ctx)
  const now = ctx.clock.now()
  const cached = cache.get(userId)
  if (cached && cached.freshUntil > now) return cached.models

  const upstream = await callUpstream(ctx, {
    method: 'GET',
    path: '/v1/models',
    accept: 'application/json',
  })
  const text = await readLimited(upstream, MAX_ANSWER_BYTES).catch(() => '')
  if (!upstream.ok) {
    // The plug-in lists the models of the caller's own accounts, and fails when there are none.
    if (upstream.status === 500) {
      throw new AppError(
        'no_account',
        'You have no AI account yet. Add one at /api/plugin-api/oauth/authorize.',
      )
    }
    throw antigravity.failure(upstream.status, text)
  }
  const models = readModels(text)
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(userId, { models, freshUntil: now + CACHE_MS })
  return models
}

/** @throws {AppError} `model_not_found` */
export async function getModel(ctx: Ctx, id: string): Promise<Models['data'][number]> {
  const { data } = await listModels(ctx)
  const model = data.find((candidate) => candidate.id === id)
  if (model) return model
  throw new AppError(
    'model_not_found',
    `The model '${id}' does not exist or you do not have access to it.`,
    {
      param: 'model',
    },
  )
}

function readModels(text: string): Models {
  try {
    return ModelList.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError(
      'upstream_error',
      'The AI service sent an answer that is not a list of models.',
      { cause },
    )
  }
}
