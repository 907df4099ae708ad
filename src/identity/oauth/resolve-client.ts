import type { Ctx } from '../../context.ts'
import {
  findClient,
  forgetGrantsHere,
  isDocumentId,
  type OAuthClient,
} from '../../credentials/oauth/index.ts'
import { readClientDocument } from './client-document.ts'

const MAX_ID_LENGTH = 500

interface Known {
  client: OAuthClient
  /** Milliseconds since the epoch. */
  freshUntil: number
}

const MAX_KNOWN = 500
/** This isolate's own copies: one sign-in asks for its client three times within seconds. */
const known = new Map<string, Known>()

/**
 * The client of an id, while it may be used. What this isolate has read within `PRINCIPAL_CACHE_SECONDS` is
 * enough; whether a token of the client's still holds is asked of Redis all the same.
 */
export async function resolveClient(ctx: Ctx, clientId: string): Promise<OAuthClient | null> {
  if (clientId.length > MAX_ID_LENGTH) return null
  const now = ctx.clock.now()
  const copy = known.get(clientId)
  if (copy && copy.freshUntil > now) return copy.client
  const client = await readNow(ctx, clientId)
  if (!client) return null
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(clientId, { client, freshUntil: now + ctx.config.PRINCIPAL_CACHE_SECONDS * 1000 })
  return client
}

async function readNow(ctx: Ctx, clientId: string): Promise<OAuthClient | null> {
  if (isDocumentId(clientId))
    return ctx.config.OAUTH_CLIENT_DOCUMENTS ? readClientDocument(ctx, clientId) : null
  const client = await findClient(ctx, clientId)
  return client?.isActive ? client : null
}

/** Drops what this isolate knows of a client that has changed, and of its tokens. */
export function forgetClientHere(id: string): void {
  known.delete(id)
  forgetGrantsHere(({ clientId }) => clientId === id)
}
