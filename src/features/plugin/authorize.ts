import * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requirePlugin, toAppError } from './client.ts'
import { requirePluginKey } from './key.ts'
import { isOwnState, rememberState } from './oauth-state.ts'
import { Account, AuthorizeAnswer, AuthorizedAccount } from './schemas.ts'

/** Begins to bring an AI account: the answer holds the address where its owner consents. */
export async function authorizeAccount(
  ctx: Ctx,
  isShared: number,
): Promise<z.output<typeof AuthorizeAnswer>> {
  const { userId } = requirePerson(ctx)
  const key = await requirePluginKey(ctx)
  const answer = await requirePlugin(ctx.services.plugin)
    .call(
      { as: 'user', key },
      { method: 'POST', path: '/api/oauth/authorize', body: { is_shared: isShared } },
      AuthorizeAnswer,
    )
    .catch((error) => {
      throw toAppError(error)
    })
  await rememberState(ctx, answer.state, userId, answer.expires_in)
  return answer
}

/**
 * Completes it with the address that the browser was sent to. Only the person who obtained the
 * state may: the plug-in would attach the account to whoever did.
 */
export async function completeAuthorization(
  ctx: Ctx,
  callbackUrl: string,
): Promise<z.output<typeof AuthorizedAccount>> {
  const { userId } = requirePerson(ctx)
  const query = new URL(callbackUrl).searchParams
  if (query.get('error')) {
    throw new AppError(
      'invalid_request',
      'The consent was denied. Start again with /api/plugin-api/oauth/authorize.',
    )
  }
  const state = query.get('state')
  if (!state || !query.get('code')) {
    throw new AppError(
      'invalid_request',
      'The address has no "code" and "state". Copy it whole from the browser.',
    )
  }
  const expired = new AppError(
    'invalid_request',
    'This consent is not yours or has expired. Start again with /api/plugin-api/oauth/authorize.',
  )
  if (!(await isOwnState(ctx, state, userId))) throw expired

  const key = await requirePluginKey(ctx)
  return requirePlugin(ctx.services.plugin)
    .call(
      { as: 'user', key },
      { method: 'POST', path: '/api/oauth/callback/manual', body: { callback_url: callbackUrl } },
      AuthorizedAccount,
    )
    .catch((error) => {
      throw toAppError(error, {
        400: expired,
        500: new AppError(
          'conflict',
          'The AI service did not take the account: the consent has expired, the account is not eligible, or it has been added before.',
        ),
      })
    })
}

/** The accounts that the person has brought, newest first. */
export async function listAccounts(ctx: Ctx): Promise<z.output<typeof Account>[]> {
  const key = await requirePluginKey(ctx)
  return requirePlugin(ctx.services.plugin)
    .call({ as: 'user', key }, { method: 'GET', path: '/api/accounts' }, z.array(Account))
    .catch((error) => {
      throw toAppError(error)
    })
}
