import { describe, expect, it } from 'vitest'
import { readChatRequest } from '../../../src/gateway/chat-request.ts'
import { explicitBody } from '../../../src/gateway/dialects/antigravity/request-body.ts'

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const messages = '"messages":[{"role":"user","content":"hi"}]'

describe('readChatRequest', () => {
  it('passes a body with an explicit stream untouched, to the byte', () => {
    const body = encode(` {"model":"m", ${messages} ,"stream" : true,"x":1.0e2}`)
    const request = readChatRequest(body)
    expect(explicitBody(request)).toBe(body)
    expect(request).toMatchObject({ model: 'm', stream: true, includeUsage: false })
  })

  it.each([
    [`{"model":"m",${messages}}`, 'absent'],
    [`\n { "model":"m","stream":null,${messages}}`, 'null'],
  ])('makes %s (stream %s) explicit', (text) => {
    const request = readChatRequest(encode(text))
    expect(request.stream).toBe(false)
    expect(JSON.parse(decode(explicitBody(request)))).toEqual({
      ...JSON.parse(text),
      stream: false,
    })
  })

  it('sees whether usage was asked for', () => {
    const body = encode(
      `{"model":"m","stream":true,"stream_options":{"include_usage":true},${messages}}`,
    )
    expect(readChatRequest(body).includeUsage).toBe(true)
  })

  it.each([
    ['{', 'malformed_request', undefined],
    ['', 'malformed_request', undefined],
    ['[]', 'invalid_request', undefined],
    [`{${messages}}`, 'invalid_request', 'model'],
    ['{"model":"m"}', 'invalid_request', 'messages'],
    ['{"model":"m","messages":[]}', 'invalid_request', 'messages'],
    ['{"model":"m","messages":"hi"}', 'invalid_request', 'messages'],
    [`{"model":"m","stream":"yes",${messages}}`, 'invalid_request', 'stream'],
    [`{"model":["m"],${messages}}`, 'invalid_request', 'model'],
  ])('refuses %j', (text, code, param) => {
    expect(() => readChatRequest(encode(text))).toThrow(expect.objectContaining({ code, param }))
  })

  it('refuses what is not UTF-8', () => {
    expect(() => readChatRequest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(
      expect.objectContaining({ code: 'malformed_request' }),
    )
  })
})
