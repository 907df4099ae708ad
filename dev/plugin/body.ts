import type { IncomingMessage } from 'node:http'

/** What came of reading a request body. */
export type BodyOutcome =
  | { kind: 'read'; raw: Buffer; json: unknown }
  | { kind: 'too_large' }
  | { kind: 'malformed'; message: string; raw: Buffer }
  | { kind: 'client_left' }

/** Reads the whole body and parses it when it says that it is JSON. */
export async function readBody(request: IncomingMessage, limit: number): Promise<BodyOutcome> {
  const chunks: Buffer[] = []
  let size = 0
  let tooLarge = Number(request.headers['content-length'] ?? 0) > limit
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      // What is too much is still read to its end: a client that is writing would miss the answer.
      if (size > limit) tooLarge = true
      if (tooLarge) chunks.length = 0
      else chunks.push(chunk)
    }
  } catch {
    return { kind: 'client_left' }
  }
  if (tooLarge) return { kind: 'too_large' }
  const raw = Buffer.concat(chunks)
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(request.headers['content-type'] ?? '')
  if (raw.length === 0 || !isJson) return { kind: 'read', raw, json: undefined }
  return parse(raw)
}

function parse(raw: Buffer): BodyOutcome {
  const source = raw.toString('utf8')
  // Only objects and arrays are accepted, not the other JSON values.
  if (!/^\s*[[{]/.test(source)) {
    const first = source.trim().charAt(0)
    return { kind: 'malformed', message: `Unexpected token '${first}' is not valid JSON`, raw }
  }
  try {
    return { kind: 'read', raw, json: JSON.parse(source) as unknown }
  } catch (error) {
    return { kind: 'malformed', message: error instanceof Error ? error.message : '', raw }
  }
}
