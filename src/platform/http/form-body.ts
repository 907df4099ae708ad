import type { HonoRequest } from 'hono'
import { AppError } from '../../errors.ts'
import { isStorable } from './storable-text.ts'

/** What may be said several times (RFC 8707 §2). */
const REPEATABLE = new Set(['resource'])

/**
 * The parameters of a form (RFC 6749 appendix B).
 *
 * @throws {AppError} `invalid_request` for a body of another type, or a parameter that is there twice
 */
export async function readForm(req: HonoRequest): Promise<URLSearchParams> {
  const type = (req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase()
  const text = await req.text()
  if (text !== '' && type !== 'application/x-www-form-urlencoded')
    throw new AppError(
      'invalid_request',
      'Send the parameters as "Content-Type: application/x-www-form-urlencoded".',
    )
  return requireSingle(new URLSearchParams(text))
}

/**
 * Parameters must not be there more than once (RFC 6749 §3.1), and those without a value count as left out.
 *
 * @throws {AppError} `invalid_request`
 */
export function requireSingle(params: URLSearchParams): URLSearchParams {
  const found = new URLSearchParams()
  for (const [name, value] of params) {
    if (!isStorable(name) || !isStorable(value))
      throw new AppError('invalid_request', 'A parameter holds a character that is not allowed.')
    if (value === '') continue
    if (found.has(name) && !REPEATABLE.has(name))
      throw new AppError('invalid_request', 'A parameter is there more than once.')
    found.append(name, value)
  }
  return found
}
