import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { RunningPart } from '../../dev/stack/part.ts'
import { type Answers, makeAnswers, PACED_MARK, type UpstreamDialect } from './answers.ts'
import { type RawRequest, takeRequest } from './http-request.ts'

export interface UpstreamOptions {
  port?: number
  dialect: UpstreamDialect
  /** Answers whatever is not chat, such as the making of users. */
  behind: string
}

const EVENT_INTERVAL_MS = 5
const CHAT = '/v1/chat/completions'
const NOTHING = Buffer.alloc(0)
/** What a proxy must not pass on, because it writes its own. */
const HOP_BY_HOP = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive']

/**
 * Starts an OpenAI-compatible server that costs next to nothing, so that the gateway in front of it
 * is what is measured. Its answers are fixed bytes.
 */
export async function startUpstream(options: UpstreamOptions): Promise<RunningPart> {
  const answers = makeAnswers(options.dialect)
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    serve(socket, (request) => answer(socket, request, answers, options.behind))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', 4_096, resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Cuts the connection's bytes into requests. */
function serve(socket: Socket, onRequest: (request: RawRequest) => void): void {
  let buffered: Buffer = NOTHING
  socket.on('data', (bytes) => {
    buffered = buffered.length === 0 ? bytes : Buffer.concat([buffered, bytes])
    for (let taken = takeRequest(buffered); taken; taken = takeRequest(buffered)) {
      buffered = taken.rest
      onRequest(taken.request)
    }
  })
}

function answer(socket: Socket, request: RawRequest, answers: Answers, behind: string): void {
  if (request.path !== CHAT) {
    passOn(socket, request, behind).catch(() => socket.destroy())
    return
  }
  if (!/"stream":\s*true/.test(request.body.toString('latin1'))) {
    socket.write(answers.whole)
    return
  }
  const text = request.body.toString('latin1')
  const events = /"include_usage":\s*true/.test(text) ? answers.eventsWithUsage : answers.events
  if (text.includes(PACED_MARK)) sendPaced(socket, answers.streamHead, events)
  else socket.write(Buffer.concat([answers.streamHead, ...events]))
}

/** The first event at once, then one every 5 ms, each in a write of its own. */
function sendPaced(socket: Socket, head: Buffer, events: readonly Buffer[]): void {
  const [first = NOTHING] = events
  let next = 1
  socket.write(Buffer.concat([head, first]))
  const timer = setInterval(() => {
    const event = events[next++]
    if (event && !socket.destroyed) socket.write(event)
    if (next >= events.length || socket.destroyed) clearInterval(timer)
  }, EVENT_INTERVAL_MS)
}

async function passOn(socket: Socket, request: RawRequest, behind: string): Promise<void> {
  const headers = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.includes(name))
  const response = await fetch(behind + request.path, {
    method: request.method,
    headers: Object.fromEntries(headers),
    redirect: 'manual',
    ...(request.body.length > 0 && { body: new Uint8Array(request.body) }),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const type = response.headers.get('content-type') ?? 'application/json'
  socket.write(
    `HTTP/1.1 ${response.status} -\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  socket.write(body)
}
