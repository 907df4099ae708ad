import type { HonoRequest } from 'hono'
import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { recordSoon } from '../../notices/audit/index.ts'
import { toBase64Url } from '../../platform/crypto/encoding.ts'
import { readForm } from '../../platform/http/form-body.ts'
import type { Random } from '../../platform/random.ts'
import { allowedScopes } from './checks/scope.ts'
import { authenticateClient } from './client-auth.ts'
import {
  DEVICE_SECONDS,
  decideDevice,
  findDevice,
  POLL_SECONDS,
  putDevice,
} from './device-store.ts'
import { makeCode, withinRole } from './make-code.ts'
import { addConsent } from './queries.ts'
import { resolveClient } from './resolve-client.ts'
import { checkResources } from './resources.ts'

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Without vowels, so that no words come of it (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const CODE_LENGTH = 8
const PAGE = '/console/device'

/** RFC 8628 §3.2. */
export const DeviceAnswer = z
  .object({
    device_code: z.string(),
    user_code: z.string(),
    verification_uri: z.string(),
    verification_uri_complete: z.string(),
    expires_in: z.int(),
    interval: z.int(),
  })
  .meta({ id: 'OAuthDevice' })

/** RFC 8628 §3.1: a program without a browser asks for a code that its user types into one. */
export async function beginDevice(
  ctx: Ctx,
  req: HonoRequest,
  issuer: string,
): Promise<z.input<typeof DeviceAnswer>> {
  const form = await readForm(req)
  const client = await authenticateClient(ctx, req, form, issuer)
  if (!client.grantTypes.includes(DEVICE_GRANT))
    throw new AppError('unauthorized_client', 'This client may not be used without a browser.')
  const asked = form.getAll('resource')
  const request = {
    clientId: client.clientId,
    scopes: allowedScopes(client, form.get('scope'), asked, issuer),
    resources: checkResources(asked, issuer),
  }
  const deviceCode = toBase64Url(ctx.random.bytes(32))
  const userCode = newUserCode(ctx.random)
  if (!(await putDevice(ctx.services.redis, deviceCode, userCode, request)))
    throw new AppError('service_unavailable', 'Try again.', { retryAfterSeconds: 1 })
  const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`
  return {
    device_code: deviceCode,
    user_code: shown,
    verification_uri: issuer + PAGE,
    verification_uri_complete: `${issuer}${PAGE}?user_code=${shown}`,
    expires_in: DEVICE_SECONDS,
    interval: POLL_SECONDS,
  }
}

export const DeviceInput = z
  .object({
    user_code: z.string().min(1).max(40),
    decision: z.enum(['approve', 'deny']).optional(),
  })
  .meta({ id: 'OAuthDeviceInput' })

export const DeviceRequestView = z
  .object({
    client: z.object({ id: z.string(), name: z.string(), source: z.string() }),
    scopes: z.array(z.string()),
    account: z.string(),
    is_decided: z.boolean(),
  })
  .meta({ id: 'OAuthDeviceRequest' })

/**
 * What the person who has typed a code sees of it, and what they say. They are always asked: whoever sent them the
 * code might be anybody (RFC 8628 §5.4).
 *
 * @throws {AppError} `not_found` for a code that is nobody's
 */
export async function decideOnDevice(
  ctx: Ctx,
  input: z.output<typeof DeviceInput>,
): Promise<z.input<typeof DeviceRequestView>> {
  const { actor } = ctx
  if (actor.type !== 'session') throw new AppError('forbidden')
  const { redis } = ctx.services
  const userCode = input.user_code.toUpperCase().replaceAll(/[^A-Z]/g, '')
  const found = await findDevice(redis, userCode)
  const client = found && (await resolveClient(ctx, found.request.clientId))
  if (!found || !client) throw new AppError('not_found', 'There is no such code, or it is too old.')
  const scopes = withinRole(actor, found.request.scopes)
  const { userId } = actor
  const details = { client_id: client.clientId }
  if (input.decision === 'approve') {
    await addConsent(ctx, { userId, clientId: client.clientId, clientName: client.name, scopes })
    const { resources } = found.request
    const code = await makeCode(ctx, actor, client, { scopes, resources }, DEVICE_SECONDS)
    await decideDevice(redis, found.hash, 'approved', code)
  } else if (input.decision === 'deny') {
    await decideDevice(redis, found.hash, 'denied')
    recordSoon(ctx, { event: 'oauth.denied', userId, details })
  }
  return {
    client: { id: client.clientId, name: client.name, source: client.source },
    scopes,
    account: actor.username,
    is_decided: input.decision !== undefined,
  }
}

/** Each letter is as likely as another. */
function newUserCode(random: Random): string {
  let code = ''
  while (code.length < CODE_LENGTH) {
    for (const byte of random.bytes(16)) {
      if (byte < 240 && code.length < CODE_LENGTH) code += LETTERS[byte % LETTERS.length]
    }
  }
  return code
}
