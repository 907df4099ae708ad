import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SseReader } from '../../../src/gateway/streams/sse.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function readAll(pieces: Uint8Array[]): string[] {
  const reader = new SseReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()]
}

describe('SseReader', () => {
  it('finds the same events wherever the bytes are cut, with every kind of line end', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => /^[^\r\n]+$/.test(text))
    fc.assert(
      fc.property(
        fc.array(
          line.filter((text) => !text.startsWith(' ')),
          { minLength: 1 },
        ),
        fc.constantFrom('\n', '\r', '\r\n'),
        fc.array(fc.nat(), { maxLength: 20 }),
        (events, lineEnd, cuts) => {
          const bytes = encode(events.map((event) => `data: ${event}${lineEnd}${lineEnd}`).join(''))
          const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
          const pieces = [0, ...at].map((start, index) => bytes.subarray(start, at[index]))
          expect(readAll(pieces)).toEqual(events)
        },
      ),
      { seed: 20_261_120, numRuns: 500 },
    )
  })

  it('leaves comments and other fields out, and joins lines of data', () => {
    expect(readAll([encode(': hi\n\nevent: x\nid: 1\ndata: a\ndata:b\n\n')])).toEqual(['a\nb'])
  })

  it('counts the last event without its blank line', () => {
    expect(readAll([encode('data: a\n\ndata: b')])).toEqual(['a', 'b'])
  })

  it('joins a large event without looking at it again and again', () => {
    const piece = encode('x'.repeat(64 * 1024))
    const pieces = [encode('data: '), ...Array.from({ length: 256 }, () => piece), encode('\n\n')]
    const startedAt = performance.now()
    expect(readAll(pieces)[0]).toHaveLength(16 * 1024 * 1024)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('gives up on an event without end', () => {
    const reader = new SseReader()
    const piece = encode('x'.repeat(8 * 1024 * 1024))
    expect(() => {
      for (let index = 0; index < 10; index++) reader.push(piece)
    }).toThrow('too large')
  })
})
