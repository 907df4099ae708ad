import type * as z from 'zod'
import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { callAsPerson } from '../plugin/index.ts'
import { changingAccounts } from './changing-accounts.ts'
import { forgetState, isOwnState } from './oauth-state.ts'
import { AuthorizedAccount } from './schemas.ts'

const AGAIN = 'Start again with POST /api/plugin-api/oauth/authorize.'
/** Exchanging the code, and asking upstream for every model's quota. */
const TIMEOUT_MS = 30_000

/**
 * Completes it with the address that the browser was sent to. Only the person who obtained the
 * state may: the plug-in would attach the account to whoever did.
 *
 * @throws {AppError} `invalid_request` for a consent that was denied, is not theirs, has expired or
 *   was not accepted; `conflict` for an account that is there already
 */
export async function completeAuthorization(
  ctx: Ctx,
  callbackUrl: string,
): Promise<z.output<typeof AuthorizedAccount>> {
  const { userId } = requirePerson(ctx)
  const state = stateOf(callbackUrl)
  if (!(await isOwnState(ctx, state, userId)))
    throw new AppError('invalid_request', `This consent is not yours or has expired. ${AGAIN}`)

  return changingAccounts(ctx, async () => {
    const account = await callAsPerson(
      ctx,
      {
        method: 'POST',
        path: '/api/oauth/callback/manual',
        body: { callback_url: callbackUrl },
        timeoutMs: TIMEOUT_MS,
      },
      AuthorizedAccount,
      { 400: unusable, 500: notTaken },
    )
    await forgetState(ctx, state)
    return account
  })
}

function stateOf(callbackUrl: string): string {
  const query = new URL(callbackUrl).searchParams
  if (query.get('error')) throw new AppError('invalid_request', `The consent was denied. ${AGAIN}`)
  const state = query.get('state')
  if (state && query.get('code')) return state
  throw new AppError(
    'invalid_request',
    'The address has no "code" and "state". Copy it whole from the browser.',
  )
}

const unusable = () => new AppError('invalid_request', `This consent cannot be used. ${AGAIN}`)

/** The plug-in answers 500 to whatever it does not take; only where the account is there already does it name an address. */
function notTaken(refusal: string): AppError {
  if (/[^\s@]@[^\s@]/.test(refusal))
    return new AppError(
      'conflict',
      'This AI account has been added before, by you or by somebody else. Whoever has it must delete it first.',
    )
  return new AppError(
    'invalid_request',
    `The AI service did not take the account: the consent has expired or been used, or the account is not eligible. ${AGAIN}`,
  )
}
