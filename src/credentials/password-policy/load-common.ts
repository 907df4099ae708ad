import { AppError } from '../../errors.ts'
import { type CommonPasswords, readStems } from './common.ts'

/** A file that holds fewer is another one. */
const LEAST_STEMS = 1_000

/**
 * The most common passwords, read when they are first asked for and then kept. They lie beside the Worker:
 * in it they would be a twentieth of what every isolate has to read before its first answer.
 *
 * @param read text of the list
 * @returns throws `service_unavailable` where the list cannot be read: nothing is taken unchecked
 */
export function loadCommonPasswords(read: () => Promise<string>): () => Promise<CommonPasswords> {
  let kept: CommonPasswords | undefined
  return async () => {
    if (kept) return kept
    const stems = readStems(await read().catch(() => ''))
    if (stems.size < LEAST_STEMS)
      throw new AppError('service_unavailable', 'Passwords cannot be checked at the moment.')
    kept = stems
    return stems
  }
}
