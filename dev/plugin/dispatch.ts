import type { IncomingMessage, ServerResponse } from 'node:http'
import { authenticate, INVALID_KEY } from './auth.ts'
import { type BodyOutcome, readBody } from './body.ts'
import type { Caller, Exchange } from './exchange.ts'
import { type Armed, isUpstreamFailure } from './faults.ts'
import { answerImageError, InvalidArgument } from './images.ts'
import { isNewer } from './models.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import { Reply } from './reply.ts'
import { RequestLog, type RequestRecord } from './request-log.ts'
import { findRoute } from './routes.ts'
import { UpstreamFailure } from './upstream-failure.ts'

const CONTROL = '/__control/'

/** Handles one request from its head to its end, and keeps the log about it. */
export async function handle(
  plugin: Plugin,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A proxy's form of request, with a whole address, is none that this server knows.
  const url = URL.parse(plugin.url + (request.url ?? '/')) ?? new URL(plugin.url)
  const isControl = url.pathname.startsWith(CONTROL)
  const record = isControl
    ? new RequestLog().begin(request, url)
    : plugin.requests.begin(request, url)
  const reply = new Reply(response, record, plugin.pacer)
  response.on('close', () => {
    record.aborted = !response.writableFinished && !reply.brokeOff
  })
  // A client that went away is no reason to end the process.
  response.on('error', () => undefined)
  try {
    await respond(plugin, request, reply, url, isControl)
  } catch (error) {
    console.error('plug-in stand-in:', error)
    reply.destroy()
  } finally {
    record.finished = true
  }
}

async function respond(
  plugin: Plugin,
  request: IncomingMessage,
  reply: Reply,
  url: URL,
  isControl: boolean,
): Promise<void> {
  const method = request.method ?? ''
  const path = url.pathname
  const early = isControl ? undefined : plugin.faults.takeAtHead(method, path)
  if (early && (await actBluntly(reply, note(reply.record, early)))) return
  const body = await readBody(request, isControl ? Infinity : plugin.settings.bodyLimitBytes)
  if (body.kind === 'client_left') return
  if (body.kind !== 'too_large') RequestLog.noteBody(reply.record, body.raw)
  if (!early && !isControl) {
    const late = plugin.faults.takeMatching(method, path, () => haystacks(request, body))
    if (late && (await actBluntly(reply, note(reply.record, late)))) return
    reply.fault = late
  } else reply.fault = early

  if (body.kind === 'too_large') return reply.json(413, { error: '请求体过大' })
  if (body.kind === 'malformed' && isNewer(plugin)) return reply.json(400, { error: body.message })
  if (body.kind === 'malformed') return reply.errorPage(400, `SyntaxError: ${body.message}`)
  await route(plugin, request, reply, url, body.raw, body.json)
}

async function route(
  plugin: Plugin,
  request: IncomingMessage,
  reply: Reply,
  url: URL,
  raw: Buffer,
  body: unknown,
): Promise<void> {
  const method = request.method ?? ''
  let found: ReturnType<typeof findRoute>
  try {
    found = findRoute(plugin, method, url.pathname)
  } catch {
    return reply.errorPage(400, `URIError: Failed to decode param '${url.pathname}'`)
  }
  if (!found) return reply.errorPage(404, `Cannot ${method} ${url.pathname}`)
  const { access, handler } = found.route
  const inference = url.pathname.startsWith('/v1/chat') || url.pathname.startsWith('/v1beta/')
  try {
    // Open routes look at no caller.
    const caller: Caller =
      access === 'open' ? { kind: 'admin' } : authenticate(plugin, request, access)
    const exchange: Exchange = {
      method,
      url,
      params: found.params,
      request,
      body,
      raw,
      reply,
      caller,
    }
    if (!inference) failAsArmed(reply.fault)
    await handler(plugin, exchange)
  } catch (error) {
    await answerError(reply, url.pathname, error)
  }
}

/** Elsewhere than in chat an armed upstream failure is a plain error. */
function failAsArmed(armed: Armed | undefined): void {
  if (!armed || !isUpstreamFailure(armed.failure)) return
  const status = /_(\d{3})/.exec(armed.failure)?.[1] ?? 500
  throw new Refusal(Number(status), armed.text ?? armed.failure)
}

function answerError(reply: Reply, path: string, error: unknown): Promise<void> {
  // An answer that has begun can only be broken off.
  if (reply.response.headersSent) throw error
  const message = error instanceof Error ? error.message : String(error)
  const status =
    error instanceof Refusal || error instanceof UpstreamFailure ? (error.status ?? 500) : 500
  if (!path.startsWith('/v1beta/')) return reply.json(status, { error: message })
  const label = error instanceof InvalidArgument ? 'INVALID_ARGUMENT' : undefined
  return answerImageError({ reply }, status, message, label)
}

/** Carries out the failures that leave nothing of the exchange; says whether it did. */
async function actBluntly(reply: Reply, armed: Armed): Promise<boolean> {
  const wait = async () => reply.pause(armed.delayMs ?? 0)
  switch (armed.failure) {
    case 'refuse':
      await wait()
      reply.destroy()
      return true
    case 'hang':
      await reply.silence()
      return true
    case 'html_error':
      await wait()
      await reply.errorPage(armed.status ?? 500, armed.text ?? 'Internal Server Error')
      return true
    case 'invalid_key_401':
      await wait()
      await reply.json(401, { error: armed.text ?? INVALID_KEY })
      return true
    case 'http_error':
      await wait()
      await reply.json(armed.status ?? 500, { error: armed.text ?? 'Internal Server Error' })
      return true
    default:
      return false
  }
}

function note(record: RequestRecord, armed: Armed): Armed {
  record.failure = armed.failure
  return armed
}

function haystacks(request: IncomingMessage, body: BodyOutcome): string[] {
  const text = body.kind === 'read' || body.kind === 'malformed' ? body.raw.toString('utf8') : ''
  return [request.headers.authorization ?? '', text]
}
