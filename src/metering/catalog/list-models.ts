import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { requirePermission } from '../../permissions.ts'
import { GROUPED_MODELS } from './default-groups.ts'
import { toDefaultModel, toModel } from './model-view.ts'
import { listModelRows } from './queries.ts'
import type { CatalogModel } from './schemas.ts'

/** The catalogue by name, with the models that have a group of their own accord. */
export async function listModels(ctx: Ctx): Promise<z.input<typeof CatalogModel>[]> {
  requirePermission(ctx, 'models:manage')
  const rows = await listModelRows(ctx.services.db)
  const named = new Set(rows.map(({ id }) => id))
  const others = GROUPED_MODELS.filter((id) => !named.has(id))
  return [...rows.map(toModel), ...others.map(toDefaultModel)].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )
}
