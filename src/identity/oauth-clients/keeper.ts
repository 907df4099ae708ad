import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requirePermission } from '../../permissions.ts'
import { type ClientRow, readClient } from './queries.ts'

/** Whose clients a call is about: everybody's, which takes a permission, or the caller's own. */
export type Whose = 'all' | 'own'

/** @returns the owner that a client must have; null: any, or none. @throws {AppError} `forbidden` */
export function requireKeeper(ctx: Ctx, whose: Whose): number | null {
  if (whose === 'own') return requirePerson(ctx).userId
  requirePermission(ctx, 'oauth-clients:manage')
  return null
}

/** @throws {AppError} `forbidden` where the operator lets people have no clients of their own */
export function requireAllowed({ config }: Ctx, whose: Whose): void {
  if (whose === 'own' && !config.ALLOW_USER_CLIENTS)
    throw new AppError('forbidden', 'Applications are made by the operator.')
}

/** @throws {AppError} `forbidden`; `not_found`, also for a client of somebody else */
export async function requireClient(ctx: Ctx, id: string, whose: Whose): Promise<ClientRow> {
  const owner = requireKeeper(ctx, whose)
  const row = await readClient(ctx.services.db, id)
  if (!row || (owner !== null && row.ownerUserId !== owner)) throw noSuchClient()
  return row
}

export function noSuchClient(): AppError {
  return new AppError('not_found', 'There is no client with this id.')
}
