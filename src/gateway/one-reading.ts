import { AppError } from '../errors.ts'
import { membersOf } from '../platform/json-members.ts'

/** What is decided on before the body goes on as the bytes that came. */
const DECIDED_ON: readonly string[] = [
  'model',
  'stream',
  'stream_options',
  'messages',
  'n',
  'max_tokens',
  'max_completion_tokens',
]

/**
 * Makes sure that whoever reads a body after us reads the same in it. `JSON.parse` takes the last of
 * doubled names, others the first; and servers written in Go take `Model` for `model` (and `ſtream`
 * for `stream`: encoding/json folds case as Unicode does).
 *
 * @param text a JSON object
 * @throws {AppError} `invalid_request`
 */
export function requireOneReading(text: string): void {
  const seen = new Set<string>()
  for (const { name } of membersOf(text)) {
    const meant = name.toUpperCase().toLowerCase()
    if (!DECIDED_ON.includes(meant)) continue
    if (name !== meant) {
      throw new AppError('invalid_request', `"${name}" is not a field; did you mean "${meant}"?`, {
        param: name,
      })
    }
    if (seen.has(name)) {
      throw new AppError('invalid_request', `"${name}" is there twice.`, { param: name })
    }
    seen.add(name)
  }
}
