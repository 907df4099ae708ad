const MAGIC = 0xfd2fb528
/** With any of the last four bits: what decoders pass over. */
const SKIPPABLE_MAGIC = 0x184d2a50
const RUN = 1

export interface ZstdFrame {
  /** Bytes of memory that decoding it takes. */
  window: number
}

/**
 * The frames of a zstd body, by their headers and those of their blocks alone (RFC 8878 §3.1): each
 * of them may ask for memory, not the first one only.
 *
 * @throws {RangeError} where a frame is cut
 * @throws {Error} where something else stands
 */
export function zstdFrames(bytes: Uint8Array): ZstdFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: ZstdFrame[] = []
  let at = 0
  while (at < view.byteLength) {
    const magic = view.getUint32(at, true)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + view.getUint32(at + 4, true)
      continue
    }
    if (magic !== MAGIC) throw new Error('no zstd frame')
    const header = readHeader(view, at + 4)
    frames.push({ window: header.window })
    at = endOfBlocks(view, header.end) + (header.hasChecksum ? 4 : 0)
  }
  if (at > view.byteLength || frames.length === 0) throw new RangeError('the frame is cut')
  return frames
}

function readHeader(view: DataView, start: number) {
  const descriptor = view.getUint8(start)
  const isOneSegment = (descriptor & 0x20) !== 0
  const sizeAt = start + (isOneSegment ? 1 : 2) + ([0, 1, 2, 4][descriptor & 3] ?? 0)
  const sizeBytes = [isOneSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return {
    // A frame of one segment needs its content's size.
    window: isOneSegment ? readSize(view, sizeAt, sizeBytes) : windowOf(view.getUint8(start + 1)),
    hasChecksum: (descriptor & 4) !== 0,
    end: sizeAt + sizeBytes,
  }
}

function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3))
  return base + (base / 8) * (byte & 7)
}

function readSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at)
  if (bytes === 2) return view.getUint16(at, true) + 256
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true))
}

function endOfBlocks(view: DataView, start: number): number {
  let at = start
  for (;;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    const isRun = ((header >> 1) & 3) === RUN
    at += 3 + (isRun ? 1 : header >> 3)
    if ((header & 1) === 1) return at
  }
}
