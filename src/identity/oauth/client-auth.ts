import type { HonoRequest } from 'hono'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../credentials/oauth/index.ts'
import { AppError } from '../../errors.ts'
import { constantTimeEqual, sha256Hex } from '../../platform/crypto/hash.ts'
import { ASSERTION_TYPE, verifyAssertion } from './client-assertion.ts'
import { resolveClient } from './resolve-client.ts'

interface Shown {
  clientId: string
  secret: string | null
  assertion: string | null
  isBasic: boolean
}

/**
 * Which client asks, and whether it is (RFC 6749 §2.3, RFC 7523 §2.2). A secret may come in the header or in the
 * form; a client without one only says its name.
 *
 * @throws {AppError} `invalid_client`; `invalid_request` for more than one kind of proof
 */
export async function authenticateClient(
  ctx: Ctx,
  req: HonoRequest,
  form: URLSearchParams,
  issuer: string,
): Promise<OAuthClient> {
  const shown = readShown(req, form)
  const client = await resolveClient(ctx, shown.clientId)
  if (!client || !(await isProven(ctx, client, shown, issuer))) {
    ctx.logger.log('warn', 'oauth_client_refused', {
      request_id: ctx.requestId,
      reason: client ? 'wrong proof' : 'unknown',
      auth_method: client?.authMethod,
    })
    throw refused(shown.isBasic)
  }
  return client
}

async function isProven(ctx: Ctx, client: OAuthClient, shown: Shown, issuer: string) {
  const { secret, assertion } = shown
  switch (client.authMethod) {
    case 'none':
      return secret === null && assertion === null
    case 'private_key_jwt':
      return assertion !== null && (await verifyAssertion(ctx, client, assertion, issuer))
    default:
      return secret !== null && assertion === null && holdsSecret(client, secret, ctx.clock.now())
  }
}

/** Either of two while one is being replaced. */
function holdsSecret(client: OAuthClient, secret: string, nowMs: number): boolean {
  const hash = sha256Hex(secret)
  const isCurrent = constantTimeEqual(client.secretHash ?? '', hash)
  const isPrevious =
    (client.previousSecretUntil ?? 0) > nowMs &&
    constantTimeEqual(client.previousSecretHash ?? '', hash)
  return isCurrent || isPrevious
}

function readShown(req: HonoRequest, form: URLSearchParams): Shown {
  const basic = readBasic(req.header('authorization'))
  const inForm = form.get('client_secret')
  const assertion = readAssertion(form)
  const proofs = [basic, inForm, assertion].filter((proof) => proof !== null)
  if (proofs.length > 1)
    throw new AppError('invalid_request', 'Show one proof of who the client is, not several.')
  const named = form.get('client_id') ?? assertion?.clientId ?? null
  if (basic) {
    if (named !== null && named !== basic.clientId) throw refused(true)
    return { ...basic, assertion: null, isBasic: true }
  }
  if (named === null || (assertion && assertion.clientId !== named)) throw refused(false)
  return {
    clientId: named,
    secret: inForm,
    assertion: assertion?.token ?? null,
    isBasic: false,
  }
}

/** Both parts are form-encoded before they are joined (RFC 6749 §2.3.1). */
function readBasic(header: string | undefined): { clientId: string; secret: string } | null {
  if (!header || !/^basic /i.test(header)) return null
  try {
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(atob(header.slice(6).trim())) ?? []
    if (id === undefined || secret === undefined) throw refused(true)
    const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
    return { clientId: decode(id), secret: decode(secret) }
  } catch {
    throw refused(true)
  }
}

function readAssertion(form: URLSearchParams): { token: string; clientId: string } | null {
  const [type, token] = [form.get('client_assertion_type'), form.get('client_assertion')]
  if (type === null && token === null) return null
  if (type !== ASSERTION_TYPE || token === null) throw refused(false)
  try {
    const [, payload = ''] = token.split('.')
    const { sub } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      sub?: unknown
    }
    if (typeof sub === 'string') return { token, clientId: sub }
  } catch {
    // Of that form nobody is.
  }
  throw refused(false)
}

/** RFC 6749 §5.2: a client that tried a header is told which. */
function refused(isBasic: boolean): AppError {
  return new AppError('invalid_client', 'The client is unknown, or did not prove who it is.', {
    headers: {
      'www-authenticate': isBasic
        ? 'Basic realm="shared-accounts", charset="UTF-8"'
        : 'Basic realm="shared-accounts"',
    },
  })
}
