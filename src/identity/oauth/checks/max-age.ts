import { AppError } from '../../../errors.ts'
import type { Asked } from '../request.ts'

/** OpenID Connect Core §3.1.2.1. */
export function checkMaxAge({ params }: Asked) {
  const text = params.get('max_age')
  if (text === null) return { maxAge: null }
  if (!/^\d{1,9}$/.test(text))
    throw new AppError('invalid_request', '"max_age" is a number of seconds.')
  return { maxAge: Number(text) }
}
