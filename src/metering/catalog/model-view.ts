import type * as z from 'zod'
import { toUnits } from '../../platform/units.ts'
import { defaultFacts } from './model-facts.ts'
import type { ModelRow } from './queries.ts'
import type { CatalogModel } from './schemas.ts'

export function toModel(row: ModelRow): z.input<typeof CatalogModel> {
  return {
    id: row.id,
    group: row.groupName,
    weight: toUnits(row.weight),
    is_enabled: row.isEnabled,
    request_estimate: row.requestEstimate === null ? null : toUnits(row.requestEstimate),
    stands_for: row.standsFor,
    is_default: false,
  }
}

/** A model that has no row. */
export function toDefaultModel(id: string): z.input<typeof CatalogModel> {
  return { ...toModel(defaultRow(id)), is_default: true }
}

/** The row that a model would have if nothing were said in it. */
export function defaultRow(id: string): ModelRow {
  const { group: groupName, ...facts } = defaultFacts(id)
  return { id, groupName, ...facts, standsFor: null }
}
