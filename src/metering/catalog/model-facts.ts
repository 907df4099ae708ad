import type { Ctx } from '../../context.ts'
import { PER_UNIT } from '../../platform/units.ts'
import { type CatalogCtx, readCatalog } from './catalog.ts'
import { defaultGroup } from './default-groups.ts'
import type { ModelRow } from './queries.ts'

/** What the ledger and the gateway have to know of a model. */
export interface ModelFacts {
  /** Models of one group draw from one pool. */
  group: string
  /** What one token of it counts, in 1/10,000. */
  weight: number
  isEnabled: boolean
  /** What one request is expected to use, in 1/10,000 unit; null: as configured. */
  requestEstimate: number | null
}

/** What is known of a model; every name has an answer. */
export async function modelFacts(ctx: CatalogCtx, model: string): Promise<ModelFacts> {
  return factsOf(await readCatalog(ctx), model)
}

/** Those of the named models that nobody has disabled, in their order. */
export async function enabledModels<Model extends { id: string }>(
  ctx: Ctx,
  models: readonly Model[],
): Promise<Model[]> {
  const catalog = await readCatalog(ctx)
  return models.filter(({ id }) => factsOf(catalog, id).isEnabled)
}

/** Nothing has to be said about a model: without a row it has these. */
export function defaultFacts(model: string): ModelFacts {
  return { group: defaultGroup(model), weight: PER_UNIT, isEnabled: true, requestEstimate: null }
}

const folded = new WeakMap<ReadonlyMap<string, ModelRow>, ReadonlyMap<string, ModelRow>>()

/** Some servers take a model's name however it is written: what holds for it holds for that, too. */
function foldedOf(catalog: ReadonlyMap<string, ModelRow>): ReadonlyMap<string, ModelRow> {
  const known = folded.get(catalog)
  if (known) return known
  const made = new Map([...catalog].map(([name, row]) => [name.toLowerCase(), row]))
  folded.set(catalog, made)
  return made
}

function factsOf(catalog: ReadonlyMap<string, ModelRow>, model: string): ModelFacts {
  const row = catalog.get(model) ?? foldedOf(catalog).get(model.trim().toLowerCase())
  if (!row) return defaultFacts(model)
  const { groupName: group, weight, isEnabled, requestEstimate } = row
  return { group, weight, isEnabled, requestEstimate }
}
