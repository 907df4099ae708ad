import type { HonoRequest } from 'hono'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { readForm } from '../../platform/http/form-body.ts'
import { authenticateClient } from './client-auth.ts'
import { grantOf } from './grants/index.ts'
import type { TokenAnswer } from './token-answer.ts'

/**
 * The token endpoint (RFC 6749 §3.2): who asks, whether it may ask in this way, and the way itself.
 *
 * @throws {AppError} with an error of RFC 6749 §5.2
 */
export async function exchange(ctx: Ctx, req: HonoRequest, issuer: string): Promise<TokenAnswer> {
  const form = await readForm(req)
  const type = form.get('grant_type')
  if (type === null) throw new AppError('invalid_request', '"grant_type" is missing.')
  const handle = grantOf(type)
  if (!handle) throw new AppError('unsupported_grant_type', 'There is no such "grant_type".')
  const client = await authenticateClient(ctx, req, form, issuer)
  if (!client.grantTypes.includes(type))
    throw new AppError('unauthorized_client', `This client may not use "${type}".`)
  return handle(ctx, { client, form, issuer })
}
