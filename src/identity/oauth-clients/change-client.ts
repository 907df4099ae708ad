import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { clientSnapshot } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { forgetClientHere } from '../oauth/index.ts'
import { toClient } from './client-view.ts'
import { requireCoherent } from './create-client.ts'
import { noSuchClient, requireAllowed, requireClient, requireKeeper, type Whose } from './keeper.ts'
import { type ClientRow, changeClient, deleteClientRow, listClients } from './queries.ts'
import type { Client, CreatedClient, UpdateClientInput } from './schemas.ts'
import { newSecret } from './secret.ts'

/** All clients, or one's own, and how much they are used. @throws {AppError} `forbidden` */
export async function readClients(ctx: Ctx, whose: Whose): Promise<z.input<typeof Client>[]> {
  const rows = await listClients(ctx.services.db, requireKeeper(ctx, whose))
  return rows.map((row) => toClient(row, ctx.clock.now()))
}

/** @throws {AppError} `forbidden`, `not_found` */
export async function readOne(ctx: Ctx, id: string, whose: Whose): Promise<z.input<typeof Client>> {
  return toClient(await requireClient(ctx, id, whose), ctx.clock.now())
}

/**
 * Changes a client, or switches it off or on: its tokens follow at once.
 *
 * @throws {AppError} `forbidden`, `not_found`, `validation_failed`
 */
export async function updateClient(
  ctx: Ctx,
  id: string,
  input: z.output<typeof UpdateClientInput>,
  whose: Whose,
): Promise<z.input<typeof Client>> {
  const row = await requireClient(ctx, id, whose)
  requireAllowed(ctx, whose)
  const changes = {
    name: input.name,
    uri: input.uri,
    redirectUris: input.redirect_uris,
    postLogoutRedirectUris: input.post_logout_redirect_uris,
    grantTypes: input.grant_types,
    scopes: input.scopes,
    defaultScopes: input.default_scopes,
    idTokenAlgorithm: input.id_token_algorithm,
    jwks: input.jwks,
    requiresPkce: input.requires_pkce,
    mayIntrospect: input.may_introspect,
    isActive: input.is_active,
  }
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as Partial<ClientRow>
  requireCoherent({ ...row, ...given })
  await change(ctx, id, given, 'oauth_client.updated')
  return readOne(ctx, id, whose)
}

/**
 * Gives a client another secret. The old one goes on for a while, so that no call is lost while it is replaced.
 *
 * @throws {AppError} `forbidden`, `not_found`; `conflict` for a client that has none
 */
export async function replaceSecret(
  ctx: Ctx,
  id: string,
  keepSeconds: number,
  whose: Whose,
): Promise<z.input<typeof CreatedClient>> {
  const { secretHash } = await requireClient(ctx, id, whose)
  requireAllowed(ctx, whose)
  if (secretHash === null) throw new AppError('conflict', 'This client has no secret.')
  const { secret, hash } = newSecret(ctx)
  const changes = {
    secretHash: hash,
    previousSecretHash: secretHash,
    previousSecretUntil: new Date(ctx.clock.now() + keepSeconds * 1000),
  }
  await change(ctx, id, changes, 'oauth_client.secret_replaced')
  return { ...(await readOne(ctx, id, whose)), client_secret: secret }
}

/** Deletes a client; its tokens are dead at once. @throws {AppError} `forbidden`, `not_found` */
export async function deleteClient(ctx: Ctx, id: string, whose: Whose): Promise<void> {
  await requireClient(ctx, id, whose)
  await clientSnapshot.invalidate(ctx.services.redis, id)
  const wasThere = await deleteClientRow(ctx, id)
  forgetClientHere(id)
  if (!wasThere) throw noSuchClient()
}

async function change(
  ctx: Ctx,
  id: string,
  changes: Parameters<typeof changeClient>[2],
  event: Parameters<typeof changeClient>[3],
): Promise<void> {
  await clientSnapshot.invalidate(ctx.services.redis, id)
  const wasThere = await changeClient(ctx, id, changes, event)
  forgetClientHere(id)
  if (!wasThere) throw noSuchClient()
}
