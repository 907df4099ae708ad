import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { forgetCatalog, forgetCatalogHere } from './catalog.ts'
import { defaultRow, toModel } from './model-view.ts'
import { type ModelChanges, type ModelRow, upsertModel } from './queries.ts'
import type { CatalogModel, ModelInput } from './schemas.ts'

/**
 * Says something about a model; what is not said stays. A disabled model is hidden from lists and
 * refused within a minute everywhere.
 */
export async function putModel(
  ctx: Ctx,
  id: string,
  input: z.output<typeof ModelInput>,
): Promise<z.input<typeof CatalogModel>> {
  requirePermission(ctx, 'models:manage')
  const { db } = ctx.services
  const changes: ModelChanges = {
    ...(input.group !== undefined && { groupName: input.group }),
    ...(input.weight !== undefined && { weight: input.weight }),
    ...(input.is_enabled !== undefined && { isEnabled: input.is_enabled }),
    ...(input.stands_for !== undefined && { standsFor: input.stands_for }),
    ...(input.request_estimate !== undefined && { requestEstimate: input.request_estimate }),
  }
  await forgetCatalog(ctx)
  try {
    const [rows] = (await atomically(db, [
      upsertModel(db, { ...defaultRow(id), ...changes }, changes),
      auditRow(ctx, {
        event: 'model.updated',
        userId: null,
        details: {
          model: id,
          fields: Object.keys(input).sort().join(', '),
          ...(input.is_enabled !== undefined && { is_enabled: input.is_enabled }),
        },
      }),
    ])) as [ModelRow[]]
    const [row] = rows
    if (!row) throw new AppError('internal_error')
    return toModel(row)
  } finally {
    forgetCatalogHere()
  }
}
