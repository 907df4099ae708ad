import * as z from 'zod'
import { type Ctx, requirePerson } from '../context.ts'
import type { Face } from '../db/schema/index.ts'
import { AppError } from '../errors.ts'
import { enabledModels, listedAliases, readCatalog } from '../metering/catalog/index.ts'
import { parseJson } from '../platform/json.ts'
import { startTimer } from '../platform/timer.ts'
import { isObject } from './dialects/fields.ts'
import { dialectOf, withoutOperator } from './dialects/index.ts'
import { explainEvent, isError } from './dialects/openai/refusal.ts'
import { MODEL_SIZES, type ModelList } from './schemas.ts'
import { callUpstream, readText, silent } from './upstream.ts'

const PATH = '/v1/models'
const CACHE_MS = 60_000
const MAX_CACHED = 1_000
/** A list is no answer that a model has to think about. */
const PATIENCE_MS = 15_000

type Models = z.output<typeof ModelList>

/** What servers list, more or less in OpenAI's form. */
const Listed = z.object({
  id: z.string().min(1),
  created: z.coerce.number().int().catch(0),
  owned_by: z.string().catch('unknown'),
  ...Object.fromEntries(
    MODEL_SIZES.map((name) => [name, z.int().nonnegative().optional().catch(undefined)]),
  ),
})

/**
 * Each call makes the plug-in ask its upstream, so that an isolate remembers the answer for a minute,
 * by person.
 */
const cache = new Map<number, { models: Models; freshUntil: number }>()

/**
 * The models that the caller may ask for: what is served, without what is disabled or beyond their
 * key, and the names that stand for one of them.
 *
 * @param faces the protocols whose names are listed
 */
export async function listModels(
  ctx: Ctx,
  faces: readonly Exclude<Face, 'any'>[] = ['chat', 'responses'],
): Promise<Models> {
  const [served] = await Promise.all([servedModels(ctx), readCatalog(ctx)])
  const person = requirePerson(ctx)
  const allowed = person.type === 'api_key' ? person.limits.models : null
  const [data, aliases] = await Promise.all([
    enabledModels(ctx, served.data),
    listedAliases(ctx, faces),
  ])
  const byId = new Map(data.map((model) => [model.id, model]))
  const also = aliases.flatMap(({ name, model }) => {
    const meant = byId.get(model)
    return meant && !byId.has(name) ? [{ ...meant, id: name, means: model }] : []
  })
  const all = [...data.map((model) => ({ ...model, means: model.id })), ...also]
  return {
    ...served,
    data: all
      .filter(({ id, means }) => !allowed || allowed.includes(id) || allowed.includes(means))
      .map(({ means: _, ...model }) => model),
  }
}

async function servedModels(ctx: Ctx): Promise<Models> {
  const key = requirePerson(ctx).userId
  const now = ctx.clock.now()
  const cached = cache.get(key)
  if (cached && cached.freshUntil > now) return cached.models
  const models = await askForModels(ctx)
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(key, { models, freshUntil: now + CACHE_MS })
  return models
}

/** @throws {AppError} `model_not_found` */
export async function getModel(
  ctx: Ctx,
  id: string,
  faces?: readonly Exclude<Face, 'any'>[],
): Promise<Models['data'][number]> {
  const { data } = await listModels(ctx, faces)
  const model = data.find((candidate) => candidate.id === id)
  if (model) return model
  throw new AppError(
    'model_not_found',
    `The model '${id}' does not exist or you do not have access to it.`,
    { param: 'model' },
  )
}

async function askForModels(ctx: Ctx): Promise<Models> {
  const dialect = dialectOf(ctx)
  const controller = new AbortController()
  const timer = startTimer(PATIENCE_MS, () => controller.abort(silent()))
  const { signal } = controller
  try {
    const upstream = await callUpstream(ctx, {
      method: 'GET',
      path: PATH,
      accept: 'application/json',
      signal,
    })
    const text = await readText(upstream, signal)
    if (upstream.ok) return readModels(ctx, text)
    const { status, headers } = upstream
    const names = status === 500 ? await dialect.borrowedModels?.(ctx) : undefined
    if (names) return listOf(names, ctx.clock.now())
    throw withoutOperator(ctx, await dialect.explain(ctx, { status, headers, text, model: null }))
  } finally {
    timer.cancel()
  }
}

/** The entries of a list as it stands, below `data` or `models`; Go's servers write `null` for none. */
function entriesOf(json: unknown): unknown[] {
  if (!isObject(json)) return z.array(z.unknown()).parse(json)
  const list = json.data ?? json.models
  return list === undefined && json.data === null ? [] : entriesOf(list)
}

/**
 * What can be read of a list, whose entries are names or have them; undefined where none is a model.
 *
 * @param name what a model's name is called
 */
function modelsIn(list: unknown[], name: 'id' | 'model' | 'name') {
  const models = list.flatMap((entry) => {
    const named = isObject(entry) ? { ...entry, id: entry[name] } : { id: entry }
    const { success, data } = Listed.safeParse(named)
    return success ? [{ ...data, object: 'model' as const }] : []
  })
  return models.length === 0 ? undefined : models
}

function readModels(ctx: Ctx, text: string): Models {
  const parsed = parseJson(text)
  if (isObject(parsed) && !parsed.data && !parsed.models && isError(parsed)) {
    throw withoutOperator(ctx, explainEvent(parsed))
  }
  try {
    const list = entriesOf(parsed)
    const models = modelsIn(list, 'id') ?? modelsIn(list, 'model') ?? modelsIn(list, 'name') ?? []
    if (models.length === 0 && list.length > 0) throw new Error('no entry is a model')
    const byId = new Map(models.toReversed().map((model) => [model.id, model]))
    return { object: 'list', data: models.filter((model) => byId.get(model.id) === model) }
  } catch (cause) {
    throw new AppError(
      'upstream_error',
      'The AI service sent an answer that is not a list of models.',
      { cause },
    )
  }
}

function listOf(names: readonly string[], now: number): Models {
  const created = Math.floor(now / 1000)
  return {
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created, owned_by: 'shared-pool' })),
  }
}
