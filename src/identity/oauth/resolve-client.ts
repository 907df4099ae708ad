import type { Ctx } from '../../context.ts'
import { findClient, isDocumentId, type OAuthClient } from '../../credentials/oauth/index.ts'
import { readClientDocument } from './client-document.ts'

const MAX_ID_LENGTH = 500

/** The client of an id, while it may be used. */
export async function resolveClient(ctx: Ctx, clientId: string): Promise<OAuthClient | null> {
  if (clientId.length > MAX_ID_LENGTH) return null
  if (isDocumentId(clientId))
    return ctx.config.OAUTH_CLIENT_DOCUMENTS ? readClientDocument(ctx, clientId) : null
  const client = await findClient(ctx, clientId)
  return client?.isActive ? client : null
}
