import type { Ctx } from '../../context.ts'
import { atomically } from '../../db/batch.ts'
import { AppError } from '../../errors.ts'
import { auditRowIf } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { forgetCatalog, forgetCatalogHere } from './catalog.ts'
import { modelExists, removeModel } from './queries.ts'

/**
 * Forgets what was said about a model: it has its defaults again.
 *
 * @throws {AppError} `not_found`
 */
export async function deleteModel(ctx: Ctx, id: string): Promise<void> {
  requirePermission(ctx, 'models:manage')
  const { db } = ctx.services
  await forgetCatalog(ctx)
  try {
    const [, removed] = (await atomically(db, [
      auditRowIf(
        ctx,
        { event: 'model.deleted', userId: null, details: { model: id } },
        modelExists(id),
      ),
      removeModel(db, id),
    ])) as [unknown, unknown[]]
    if (removed.length === 0)
      throw new AppError('not_found', 'The catalogue says nothing about this model.')
  } finally {
    forgetCatalogHere()
  }
}
