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
 *   was not accepted, and for an account that is not eligible; `conflict` for one that is there
 *   already; `service_unavailable` where the vendor could not be asked
 */
export async function completeAuthorization(
  ctx: Ctx,
  callbackUrl: string,
): Promise<z.output<typeof AuthorizedAccount>> {
  const { userId } = requirePerson(ctx)
  const state = stateOf(callbackUrl)
  if (!(await isOwnState(ctx, state, userId)))
    throw new AppError('invalid_request', `This consent is not yours or has expired. ${AGAIN}`)

  return changingAccounts(
    ctx,
    async () => {
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
    },
    true,
  )
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

/** What went wrong, by the words of it that are no prose: names of the vendor's, and an address. */
const CAUSES: readonly [RegExp, () => AppError][] = [
  [
    /[^\s@]@[^\s@]/,
    () =>
      new AppError(
        'conflict',
        'This AI account has been added before, by you or by somebody else. Whoever has it must delete it first.',
      ),
  ],
  [
    /expired state/i,
    () => new AppError('invalid_request', `This consent has expired or been used. ${AGAIN}`),
  ],
  [
    /UNSUPPORTED_LOCATION/,
    () =>
      new AppError(
        'invalid_request',
        "The vendor does not serve this account's country: only an account that pays is taken from there.",
      ),
  ],
  [
    /INELIGIBLE_ACCOUNT|NO_PROJECT/,
    () =>
      new AppError(
        'invalid_request',
        'The vendor does not let this account use the service: it is not eligible. Use another account.',
      ),
  ],
  [
    /invalid_grant|redirect_uri_mismatch|\b40[013]\b/,
    () =>
      new AppError(
        'invalid_request',
        `The vendor did not accept the code: it has been used, or is not whole. ${AGAIN}`,
      ),
  ],
]

/** The plug-in answers 500 to whatever it does not take. What is none of the causes that last is one that passes. */
function notTaken(refusal: string): AppError {
  const cause = CAUSES.find(([words]) => words.test(refusal))
  if (cause) return cause[1]()
  return new AppError(
    'service_unavailable',
    `The vendor could not be asked about this account. Nothing is wrong with it as far as is known. ${AGAIN}`,
    { retryAfterSeconds: 30 },
  )
}
