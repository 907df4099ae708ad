import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { endApp, forgetGrantsHere } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { listConsents, removeConsent } from './queries.ts'
import type { Grants } from './schemas.ts'

/** The applications that a person has let in. */
export async function listOwnGrants(ctx: Ctx): Promise<z.input<typeof Grants>> {
  const rows = await listConsents(ctx.services.db, requirePerson(ctx).userId)
  return rows.map((row) => ({
    client_id: row.clientId,
    client_name: row.clientName,
    scopes: row.scopes,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }))
}

/**
 * Takes back all that a person has given an application: it has to ask again, and its tokens are dead.
 *
 * @throws {AppError} `not_found`
 */
export async function endOwnGrants(ctx: Ctx, clientId: string): Promise<void> {
  const { userId } = requirePerson(ctx)
  // Before, so that nothing happens while Redis is away; and after, for what was agreed to in between.
  await endApp(ctx.services.redis, userId, clientId)
  const wasThere = await removeConsent(ctx, userId, clientId)
  await endApp(ctx.services.redis, userId, clientId)
  forgetGrantsHere((actor) => actor.userId === userId && actor.clientId === clientId)
  if (!wasThere) throw new AppError('not_found', 'You have let in no such application.')
}
