import { AppError } from '../../errors.ts'

/** One media type (RFC 9110 §8.3.1): its name, and its parameters as they came. */
const MEDIA_TYPE =
  /^[ \t]*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)((?:[ \t]*;[ \t]*(?:[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"[^"\\]*"))?)*)[ \t]*$/
const JSON_TYPE = /^application\/(?:[\w!#$&.^-]+\+)?json$/i
/** JSON is UTF-8 (RFC 8259 §8.1); of another encoding we could only misread it. */
const CHARSET = /;[ \t]*charset="?([^";]*)"?/gi

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/**
 * Whether a `Content-Type` says that a body is JSON. The one place that decides it: a list of types, as
 * a doubled header is, and types that only begin like JSON (`application/json-seq`) are none.
 */
export function isJsonType(contentType: string | undefined): boolean {
  const [, type, parameters] = MEDIA_TYPE.exec(contentType ?? '') ?? []
  if (type === undefined || !JSON_TYPE.test(type)) return false
  return [...(parameters ?? '').matchAll(CHARSET)].every(([, name]) => /^utf-?8$/i.test(name ?? ''))
}

/**
 * Reads a body that has to be JSON.
 *
 * @param bytes the whole body
 * @returns undefined: there is no body
 * @throws {AppError} `unsupported_media_type` for a body of any other type or encoding,
 *   `malformed_request`
 */
export function readJson(
  bytes: ArrayBuffer,
  header: (name: string) => string | undefined,
): unknown {
  if (bytes.byteLength === 0) return undefined
  if (!isJsonType(header('content-type')))
    throw new AppError(
      'unsupported_media_type',
      'Send the body as JSON with one "Content-Type: application/json".',
    )
  if (!/^(identity)?$/i.test(header('content-encoding') ?? ''))
    throw new AppError('unsupported_media_type', 'Send the body without a "Content-Encoding".', {
      headers: { 'accept-encoding': 'identity' },
    })
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new AppError('malformed_request', 'The body is not valid JSON.', { cause })
  }
}
