import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { OAuthClient } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { clientOf } from '../../platform/address.ts'
import { sha256Hex } from '../../platform/crypto/hash.ts'
import { parseJson } from '../../platform/json.ts'
import { HARMLESS_SCOPES } from '../../scopes.ts'
import { isRedirectUri } from './redirect-uri.ts'

/*
 * Client id metadata documents (draft-ietf-oauth-client-id-metadata-document): an application whose id is the
 * address of a document that describes it. Nobody has to register it.
 */

const MAX_BYTES = 5_120
const TIMEOUT_MS = 10_000
/** As long as what was read counts. */
const KEPT_SECONDS = 3_600
/** A look costs somebody else's server a call: so many a minute for each address. */
const LOOKS = { name: 'client_document', limit: 20, windowSeconds: 60 }

const Document = z.object({
  client_id: z.string(),
  client_name: z.string().trim().min(1).max(100).optional(),
  client_uri: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
  redirect_uris: z.array(z.string().refine(isRedirectUri)).min(1).max(20),
  post_logout_redirect_uris: z.array(z.string().refine(isRedirectUri)).max(20).optional(),
  grant_types: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.enum(['none', 'private_key_jwt']).default('none'),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(20) }).optional(),
  id_token_signed_response_alg: z.enum(['RS256', 'ES256']).default('RS256'),
})

const Kept = OAuthClient.extend({ source: z.literal('document') })

/**
 * The client whose id is an address, as its document has it.
 *
 * @returns null where there is no such document, or it describes another client
 * @throws {AppError} `rate_limited`
 */
export async function readClientDocument(ctx: Ctx, clientId: string): Promise<OAuthClient | null> {
  if (!isDocumentAddress(clientId, ctx.config.isProduction)) return null
  const { redis } = ctx.services
  const key = `oauth-document:${sha256Hex(clientId)}`
  const kept = Kept.safeParse(parseJson((await redis.get<string>(key)) ?? ''))
  if (kept.success) return kept.data
  await takeLook(ctx)
  const client = toClient(clientId, await fetchDocument(clientId))
  if (client)
    ctx.waitUntil(
      redis.set(key, JSON.stringify(client), { ex: KEPT_SECONDS }).catch(() => undefined),
    )
  return client
}

/** A public host's HTTPS address with a path; in development one of this machine will do. */
function isDocumentAddress(text: string, isProduction: boolean): boolean {
  const url = URL.parse(text)
  if (!url || url.href !== text || url.hash || url.username || url.password) return false
  if (url.pathname === '/' || /\/\.{1,2}(\/|$)/.test(text)) return false
  const { hostname } = url
  if (url.protocol === 'http:') return !isProduction && hostname === '127.0.0.1'
  const isName = /^[a-z\d-]+(\.[a-z\d-]+)*\.[a-z][a-z\d-]*$/.test(hostname)
  return url.port === '' && isName && !/\.(local|localhost|internal|home|lan|arpa)$/.test(hostname)
}

async function takeLook(ctx: Ctx): Promise<void> {
  if (ctx.clientIp === null) return
  const who = clientOf(ctx.clientIp)
  const verdict = await ctx.services.rateLimiter.take(LOOKS, who, ctx.clock.now())
  if (!verdict.isAllowed)
    throw new AppError('rate_limited', undefined, { retryAfterSeconds: verdict.resetSeconds })
}

/** @returns undefined where nothing that is small enough comes in time, from there and from nowhere else */
async function fetchDocument(address: string): Promise<unknown> {
  try {
    const response = await fetch(address, {
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const type = response.headers.get('content-type') ?? ''
    if (response.status !== 200 || !/^application\/([\w.-]+\+)?json\b/.test(type)) {
      await response.body?.cancel()
      return undefined
    }
    return parseJson(await readSmall(response))
  } catch {
    return undefined
  }
}

async function readSmall(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, size] = ['', 0]
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Error('the document is too large')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function toClient(clientId: string, found: unknown): OAuthClient | null {
  const parsed = Document.safeParse(found)
  // It has to say of itself what it is (§4.1): otherwise any document of a host would do.
  if (!parsed.success || parsed.data.client_id !== clientId) return null
  const document = parsed.data
  if (document.token_endpoint_auth_method === 'private_key_jwt' && !document.jwks) return null
  return {
    clientId,
    name: document.client_name ?? new URL(clientId).host,
    uri: document.client_uri ?? null,
    source: 'document',
    authMethod: document.token_endpoint_auth_method,
    secretHash: null,
    previousSecretHash: null,
    previousSecretUntil: null,
    jwks: document.jwks ?? null,
    redirectUris: document.redirect_uris,
    postLogoutRedirectUris: document.post_logout_redirect_uris ?? [],
    grantTypes: ['authorization_code', 'refresh_token'],
    scopes: [...HARMLESS_SCOPES],
    defaultScopes: null,
    idTokenAlgorithm: document.id_token_signed_response_alg,
    requiresPkce: true,
    mayIntrospect: false,
    isActive: true,
  }
}
