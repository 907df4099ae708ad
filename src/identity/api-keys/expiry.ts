import { AppError } from '../../errors.ts'

/**
 * When a key is to expire.
 *
 * @param text ISO; null: never
 * @throws {AppError} `validation_failed` when that is past
 */
export function toExpiry(text: string | null, nowMs: number): Date | null {
  if (text === null) return null
  const expiresAt = new Date(text)
  if (expiresAt.getTime() > nowMs) return expiresAt
  throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
    errors: [{ path: 'expires_at', message: 'Must lie in the future.' }],
  })
}
