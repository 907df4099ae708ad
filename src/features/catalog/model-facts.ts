import type { Ctx } from '../../context.ts'
import { PER_UNIT } from '../../platform/units.ts'
import { defaultGroup } from './default-groups.ts'

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

type CatalogCtx = Pick<Ctx, 'services' | 'clock' | 'waitUntil'>

/** What is known of a model; every name has an answer. */
export async function modelFacts(_ctx: CatalogCtx, model: string): Promise<ModelFacts> {
  return { group: defaultGroup(model), weight: PER_UNIT, isEnabled: true, requestEstimate: null }
}
