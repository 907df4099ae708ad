import type { StreamTranslator } from '../dialects/dialect.ts'

/** An answer whose model has finished still waits so long for its usage, where that was asked for. */
const USAGE_GRACE_MS = 5_000
/** And so long for the end itself. */
const END_GRACE_MS = 1_000

/**
 * How long an answer that has finished is waited for, where neither `[DONE]` comes nor the end.
 *
 * @param isBetweenEvents whether nothing has been begun that may yet become whole
 */
export function graceMs({ usage, expectsUsage }: StreamTranslator, isBetweenEvents = true): number {
  return (expectsUsage && !usage) || !isBetweenEvents ? USAGE_GRACE_MS : END_GRACE_MS
}
