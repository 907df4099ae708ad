import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorResponse, HttpError } from './errors.ts'
import { echoHeaders, parseRequest } from './request.ts'
import type { RequestLog } from './request-log.ts'
import { successBody } from './response.ts'
import type { Backend } from './types.ts'

/** Largest request body, Neon's own limit. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024

const CORS = { 'Access-Control-Allow-Origin': '*' }
const PREFLIGHT = {
  ...CORS,
  Allow: 'OPTIONS, POST',
  'Access-Control-Allow-Headers': [
    'Authorization',
    'Neon-Connection-String',
    'Neon-Raw-Text-Output',
    'Neon-Array-Mode',
    'Neon-Pool-Opt-In',
    'Neon-Batch-Read-Only',
    'Neon-Batch-Deferrable',
    'Neon-Batch-Isolation-Level',
  ].join(', '),
  'Access-Control-Max-Age': '86400',
}

/**
 * Answers one request to `/sql` by Neon's SQL-over-HTTP protocol, as the driver
 * `@neondatabase/serverless` speaks it and Neon's proxy answers it. Never throws.
 */
export async function handleSql(
  req: IncomingMessage,
  res: ServerResponse,
  backend: Backend,
  log: RequestLog,
): Promise<void> {
  if (req.method === 'OPTIONS') {
    res.writeHead(200, PREFLIGHT).end()
    return
  }
  const gone = new AbortController()
  res.on('close', () => {
    if (!res.writableFinished) gone.abort()
  })
  try {
    if (req.method !== 'POST') throw new HttpError(400, 'query is not supported')
    const body = await readBody(req)
    const { request, output } = parseRequest(req.headers, body)
    log.add('/sql', request)
    const results = await backend.run(request, gone.signal)
    const json = successBody(request, results, output)
    sendJson(res, 200, json, echoHeaders(request.batch))
  } catch (error) {
    const { status, body } = errorResponse(error)
    // The rest of a refused body would be read as the next request.
    sendJson(res, status, body, req.complete ? {} : { Connection: 'close' })
  }
}

function sendJson(
  res: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string>,
): void {
  if (res.destroyed) return
  res.writeHead(status, { 'Content-Type': 'application/json', ...CORS, ...headers }).end(body)
}

/**
 * Reads the whole body. One that is too large is read to its end all the same, and thrown away: a
 * client that is still sending would see a broken connection instead of the answer.
 */
function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLarge = () =>
      reject(new HttpError(413, `request is too large (max is ${MAX_REQUEST_BYTES} bytes)`))
    let chunks: Buffer[] = []
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk)
      else chunks = []
      if (bytes > MAX_REQUEST_BYTES * 10) tooLarge()
    })
    req.on('end', () => {
      if (bytes > MAX_REQUEST_BYTES) tooLarge()
      else resolve(Buffer.concat(chunks).toString('utf8'))
    })
    req.on('error', reject)
    req.on('close', () => reject(new HttpError(400, 'the request ended early')))
  })
}
