import { describe, expect, it } from 'vitest'
import { ResponseReader } from '../../../bench/load/response-reader.ts'

const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '6\r\nhello \r\nb\r\nworld\r\n0\r\n\r\r\n0\r\n\r\n'
const LENGTH = 'HTTP/1.1 503 Nope\r\ncontent-length: 5\r\n\r\nsorry'
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall there is'

function readIn(size: number, text: string): { reader: ResponseReader; completeAt: number } {
  const reader = new ResponseReader()
  const bytes = Buffer.from(text)
  let completeAt = -1
  for (let at = 0; at < bytes.length; at += size) {
    if (reader.push(bytes.subarray(at, at + size)) && completeAt < 0) completeAt = at + size
  }
  return { reader, completeAt }
}

describe.each([1, 2, 3, 7, 1_000])('a response that arrives in pieces of %i bytes', (size) => {
  it('is followed through the chunks of its transfer coding, whatever they contain', () => {
    const { reader, completeAt } = readIn(size, CHUNKED)
    expect(reader.status).toBe(200)
    expect(reader.tail.toString()).toBe('hello world\r\n0\r\n\r')
    expect(completeAt).toBeGreaterThanOrEqual(CHUNKED.length)
  })

  it('is complete after its content length, not before', () => {
    const { reader, completeAt } = readIn(size, LENGTH)
    expect(reader.status).toBe(503)
    expect(reader.tail.toString()).toBe('sorry')
    expect(completeAt).toBeGreaterThanOrEqual(LENGTH.length)
  })

  it('lasts until the connection ends where nothing else says so', () => {
    const { reader, completeAt } = readIn(size, UNTIL_CLOSE)
    expect(completeAt).toBe(-1)
    expect(reader.end()).toBe(true)
    expect(reader.tail.toString()).toBe('all there is')
  })
})

it('a connection that ends within a sized body does not complete it', () => {
  const { reader } = readIn(1_000, LENGTH.slice(0, -1))
  expect(reader.end()).toBe(false)
})
