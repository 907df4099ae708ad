/** Upstash's representations of replies: JSON, JSON with base64, and RESP2. */

import { RedisError, type Reply, Status } from './core/reply.ts'

export type Encoding = 'utf8' | 'base64'

/** A reply as JSON text. Written by hand, since JSON.stringify has no 64-bit integers. */
export function toJson(reply: Reply, encoding: Encoding): string {
  if (reply === null) return 'null'
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply)
  if (reply instanceof RedisError) return JSON.stringify(utf8(reply.message))
  if (Array.isArray(reply)) return `[${reply.map((item) => toJson(item, encoding)).join(',')}]`
  const text = reply instanceof Status ? reply.text : reply
  // Upstash leaves this one word readable.
  if (encoding === 'base64' && text !== 'OK') {
    return `"${Buffer.from(text, 'latin1').toString('base64')}"`
  }
  return JSON.stringify(utf8(text))
}

/** `{"result": …}` or `{"error": …}`; errors are never encoded. */
export function toBody(reply: Reply, encoding: Encoding): string {
  return reply instanceof RedisError
    ? errorBody(utf8(reply.message))
    : `{"result":${toJson(reply, encoding)}}`
}

export function errorBody(message: string): string {
  return JSON.stringify({ error: message })
}

/** A reply in RESP2. */
export function toResp(reply: Reply): Buffer {
  return Buffer.from(respText(reply), 'latin1')
}

function respText(reply: Reply): string {
  if (reply === null) return '$-1\r\n'
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`
  if (reply instanceof Status) return `+${reply.text}\r\n`
  if (reply instanceof RedisError) return `-${reply.message}\r\n`
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(respText).join('')}`
  return `:${reply}\r\n`
}

/** Binary text (one character per byte) as text; what is no UTF-8 becomes U+FFFD. */
export function utf8(binary: string): string {
  return Buffer.from(binary, 'latin1').toString('utf8')
}

/** Text as binary text (one character per byte of its UTF-8). */
export function binary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
