import { type Ctx, requirePerson } from '../../../context.ts'
import { AppError } from '../../../errors.ts'
import { parseJson } from '../../../platform/json.ts'
import { replaceKey } from '../../../sharing/plugin/index.ts'
import type { Refusal } from '../dialect.ts'
import { errorMessageOf } from '../fields.ts'
import { failureIn, upstreamFailed } from './failures.ts'
import { findReason } from './find-reason.ts'

/**
 * What an error status of the plug-in means. Its 401 and 403 are never our client's: either the key
 * that we keep for the person is dead, or one of the upstream accounts is. Its 500 is anything at
 * all, told in Chinese prose; then the plug-in is asked for what is the case.
 */
export async function explainRefusal(
  ctx: Ctx,
  { status, text, model }: Refusal,
): Promise<AppError> {
  const said = errorMessageOf(parseJson(text))
  // No JSON: a crash of the plug-in, or something between it and us.
  if (said === undefined) return status === 413 ? tooLarge() : upstreamFailed(status)

  const known = failureIn(said) ?? failureIn(text)
  if (known) {
    if (known.code === 'upstream_error') log(ctx, 'upstream_account_failed', status)
    return known
  }
  switch (status) {
    case 400:
      return new AppError('invalid_request', 'The AI service refused the request.')
    case 401:
      // The vendor's 401 carries the vendor's error object; this one is the plug-in's own.
      log(ctx, 'plugin_key_refused', status)
      return (await hasAnotherKey(ctx)) ? keyReplaced() : upstreamFailed(status)
    case 413:
      return tooLarge()
    case 500:
      return findReason(ctx, model)
    default:
      log(ctx, 'upstream_account_failed', status)
      return upstreamFailed(status)
  }
}

/** Whether the person has a key now that was not refused; what cannot be found out is no. */
async function hasAnotherKey(ctx: Ctx): Promise<boolean> {
  const { userId, pluginKeyCiphertext } = requirePerson(ctx)
  return replaceKey(ctx, userId, pluginKeyCiphertext).then(
    (key) => key !== null,
    () => false,
  )
}

function keyReplaced(): AppError {
  return new AppError(
    'plugin_pending',
    'Your account at the AI service had to be set up anew. Try again in a moment.',
    { retryAfterSeconds: 1 },
  )
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', 'The request is too large for the AI service.')
}

function log(ctx: Ctx, event: string, status: number): void {
  const { actor } = ctx
  ctx.logger.log('error', event, {
    request_id: ctx.requestId,
    user_id: 'userId' in actor ? actor.userId : null,
    status,
  })
}
