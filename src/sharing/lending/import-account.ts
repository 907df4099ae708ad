import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { changingAccounts } from './changing-accounts.ts'
import { askNewer } from './newer-plugin.ts'
import type { ImportInput } from './newer-schemas.ts'
import { AuthorizedAccount } from './schemas.ts'

/** Asking upstream for the token, the tier and every model's quota. */
const TIMEOUT_MS = 30_000

/**
 * Brings an account by its refresh token.
 *
 * @throws {AppError} `not_found` where the plug-in is the older one, `invalid_request` for a token
 *   or an account that is not taken, `conflict` for one that is there already
 */
export function importAccount(
  ctx: Ctx,
  input: z.output<typeof ImportInput>,
): Promise<z.output<typeof AuthorizedAccount>> {
  return changingAccounts(
    ctx,
    () =>
      askNewer(
        ctx,
        { method: 'POST', path: '/api/accounts/import', body: input, timeoutMs: TIMEOUT_MS },
        AuthorizedAccount,
        { 400: notTaken },
      ),
    true,
  )
}

/** Only where the account is there already does the plug-in name its address, or its id. */
function notTaken(refusal: string): AppError {
  if (/[^\s@]@[^\s@]|cookie_id=/.test(refusal))
    return new AppError(
      'conflict',
      'This AI account has been added before, by you or by somebody else. Whoever has it must delete it first.',
    )
  return new AppError(
    'invalid_request',
    'The vendor does not accept this refresh token, or does not let its account use the service. Authorize the account with POST /api/plugin-api/oauth/authorize instead.',
    { param: 'refresh_token' },
  )
}
