import { AppError } from '../errors.ts'

const MEBIBYTE = 1024 * 1024
/** What a request may have, decoded too: a small body can unfold to any size. */
const MAX_BYTES = 50 * MEBIBYTE
/** Memory that a zstd frame may ask for; its default levels ask for 8 MB at most (RFC 8878 §3.1.1.1.2). */
const MAX_WINDOW_BYTES = 8 * MEBIBYTE
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd]
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
        return await inflate(bytes, 'deflate')
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

async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'gzip' | 'deflate',
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
  if (zstdWindow(bytes) > MAX_WINDOW_BYTES) throw tooLarge()
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

/** What the first frame's header asks for; a frame of one segment needs its content's size. */
function zstdWindow(bytes: Uint8Array): number {
  if (!startsWith(bytes, ZSTD_MAGIC)) throw new Error('no zstd frame')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const descriptor = view.getUint8(4)
  if ((descriptor & 0x20) === 0) {
    const window = view.getUint8(5)
    const base = 2 ** (10 + (window >> 3))
    return base + (base / 8) * (window & 7)
  }
  const start = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0)
  switch (descriptor >> 6) {
    case 0:
      return view.getUint8(start)
    case 1:
      return view.getUint16(start, true) + 256
    case 2:
      return view.getUint32(start, true)
    default:
      return Number(view.getBigUint64(start, true))
  }
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
