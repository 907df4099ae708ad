import { AppError } from '../../errors.ts'
import { PluginError } from '../../ports/plugin-client.ts'

/** What particular statuses of a call mean, where the plug-in itself says them and gives its reason. */
export type Meanings = Partial<Record<number, (refusal: string) => AppError>>

/**
 * What a plug-in failure means to our caller. Its messages are Chinese prose, its 401 is never ours
 * and most of its failures are 500, so only what is true of the call is passed on. A page of HTML
 * comes from in front of the plug-in or from its depths: it says nothing about the call.
 */
export function toAppError(error: unknown, meanings: Meanings = {}): AppError {
  if (!(error instanceof PluginError)) throw error
  const { status, refusal } = error
  const meaning = status === null ? undefined : meanings[status]
  if (meaning && refusal !== null) return meaning(refusal)
  if (error.isTimeout) {
    return new AppError(
      'upstream_timeout',
      'The AI service did not answer in time. Try again in a moment.',
      { retryAfterSeconds: 5, cause: error },
    )
  }
  return new AppError('upstream_error', detailOf(status), {
    cause: error,
    ...(status === null && { retryAfterSeconds: 5 }),
  })
}

function detailOf(status: number | null): string {
  if (status === null) return 'The AI service could not be reached. Try again in a moment.'
  if (status === 401 || status === 403)
    return 'The AI service does not accept your account there. Ask an administrator.'
  if (status < 300) return 'The AI service sent an answer that cannot be read.'
  return `The AI service failed (status ${status}).`
}
