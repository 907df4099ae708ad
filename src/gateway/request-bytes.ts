import { AppError } from '../errors.ts'
import { zstdFrames } from '../platform/zstd-frames.ts'

const MEBIBYTE = 1024 * 1024
/** What a request may have, decoded too: a small body can unfold to any size. */
const MAX_BYTES = 50 * MEBIBYTE
/** Memory that a zstd frame may ask for; its default levels ask for 8 MB at most (RFC 8878 §3.1.1.1.2). */
const MAX_WINDOW_BYTES = 8 * MEBIBYTE
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/**
 * The bytes of a request's body, decoded (RFC 9110 §8.4) and without a byte order mark.
 *
 * @param request its body has not been read
 * @throws {AppError} `unsupported_media_type`, `malformed_request`, `payload_too_large`
 */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(await request.arrayBuffer())
  for (const encoding of encodingsOf(request.headers).reverse()) {
    bytes = await decode(bytes, encoding)
  }
  return startsWith(bytes, BYTE_ORDER_MARK) ? bytes.slice(BYTE_ORDER_MARK.length) : bytes
}

/** As they were applied. */
function encodingsOf(headers: Headers): string[] {
  const listed = headers.get('content-encoding')
  if (listed === null) return []
  const names = listed.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

async function decode(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    switch (encoding) {
      case 'gzip':
      case 'x-gzip':
        return await inflate(bytes, 'gzip')
      case 'deflate':
        return await inflate(bytes, isZlib(bytes) ? 'deflate' : 'deflate-raw')
      case 'zstd':
        return await unpackZstd(bytes)
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('malformed_request', `The body is not valid ${encoding}.`, { cause })
  }
  throw new AppError(
    'unsupported_media_type',
    `The body is encoded as "${encoding.slice(0, 40)}". Send it as gzip, deflate or zstd, or as it is.`,
    { headers: { 'accept-encoding': 'gzip, deflate, zstd, identity' } },
  )
}

/** Many programs take "deflate" for the algorithm and leave zlib's header out (RFC 9110 §8.4.1.2). */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0
}

async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'gzip' | 'deflate' | 'deflate-raw',
): Promise<Uint8Array<ArrayBuffer>> {
  const parts = new Parts()
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return parts.joined()
    parts.add(value)
  }
}

async function unpackZstd(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  for (const { window } of zstdFrames(bytes)) if (window > MAX_WINDOW_BYTES) throw tooLarge()
  const { Decompress } = await import('fzstd')
  const parts = new Parts()
  let isWhole = false
  const stream = new Decompress((part, isLast) => {
    parts.add(part)
    isWhole ||= isLast === true
  })
  stream.push(bytes, true)
  if (!isWhole) throw new Error('the frame is cut')
  return parts.joined()
}

/** Collects what comes out, up to the limit. */
class Parts {
  readonly #parts: Uint8Array[] = []
  #size = 0

  add(part: Uint8Array): void {
    this.#size += part.byteLength
    if (this.#size > MAX_BYTES) throw tooLarge()
    // The window that it comes from is used again.
    this.#parts.push(part.slice())
  }

  joined(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#size)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.byteLength
    }
    return bytes
  }
}

function startsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, index) => bytes[index] === byte)
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', 'The body may have at most 50 MB when it is decoded.')
}
