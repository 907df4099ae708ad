import type { HonoRequest } from 'hono'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { readForm } from '../../platform/http/form-body.ts'
import { checkAll } from './checks/index.ts'
import { authenticateClient } from './client-auth.ts'
import { matchRedirectUri } from './redirect-uri.ts'

/** Long enough for a redirect, and for a page that is loaded again (RFC 9126 §4). */
const LIFETIME_SECONDS = 60
const PREFIX = 'urn:ietf:params:oauth:request_uri:'
/** What proves the client, and is no part of the request. */
const PROOFS = ['client_secret', 'client_assertion', 'client_assertion_type']

const parKey = (id: string) => `oauth-par:${id}`

/** RFC 9126 §2.2. */
export const PushedRequest = z
  .object({ request_uri: z.string(), expires_in: z.int() })
  .meta({ id: 'OAuthPushedRequest' })

/** RFC 9126: a client hands in its request before it sends the person here; it is checked at once. */
export async function pushRequest(
  ctx: Ctx,
  req: HonoRequest,
  issuer: string,
): Promise<z.input<typeof PushedRequest>> {
  const form = await readForm(req)
  const client = await authenticateClient(ctx, req, form, issuer)
  if (form.has('request_uri')) throw new AppError('invalid_request', 'Send the request itself.')
  if (matchRedirectUri(client, form.get('redirect_uri')) === null)
    throw new AppError('invalid_request', 'Invalid redirect_uri')
  checkAll({ params: form, client, issuer })
  for (const name of PROOFS) form.delete(name)
  form.set('client_id', client.clientId)
  const id = toBase64Url(ctx.random.bytes(24))
  await ctx.services.redis.set(parKey(id), form.toString(), { ex: LIFETIME_SECONDS })
  return { request_uri: PREFIX + id, expires_in: LIFETIME_SECONDS }
}

/**
 * The parameters that were handed in before, where a request names them.
 *
 * @throws {AppError} `invalid_request` for those of another client, or that are too old
 */
export async function resolvePushed(ctx: Ctx, params: URLSearchParams): Promise<URLSearchParams> {
  const uri = params.get('request_uri')
  if (!uri?.startsWith(PREFIX)) return params
  const stored = await ctx.services.redis.get<string>(parKey(uri.slice(PREFIX.length)))
  const pushed = new URLSearchParams(stored ?? '')
  if (stored === null || pushed.get('client_id') !== params.get('client_id'))
    throw new AppError('invalid_request', 'There is no such request, or it is too old.')
  return pushed
}
