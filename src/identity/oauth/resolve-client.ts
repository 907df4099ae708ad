import type { Ctx } from '../../context.ts'
import { findClient, type OAuthClient } from '../../credentials/oauth/index.ts'

const MAX_ID_LENGTH = 500

/** The client of an id, while it may be used. */
export async function resolveClient(ctx: Ctx, clientId: string): Promise<OAuthClient | null> {
  if (clientId.length > MAX_ID_LENGTH) return null
  const client = await findClient(ctx, clientId)
  return client?.isActive ? client : null
}
