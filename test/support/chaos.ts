import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * How the proxy treats a request: `reset` breaks the connection after the store has done the work and
 * half the answer is out, `dropped` before any of it is; `lost` does the work and never answers.
 */
export type Fault = 'none' | 'refused' | 'hung' | 'slow' | 'reset' | 'dropped' | 'lost'

export interface ChaosProxy extends AsyncDisposable {
  url: string
  fault: Fault
  /** Milliseconds before a request goes on, whatever the fault. */
  delayMs: number
  /** The requests since the last reset, with the time at which each arrived. */
  requests: { at: number; body: string }[]
  /** Only requests for which it holds suffer the fault. */
  match: (body: string) => boolean
}

/** Stands between the Worker and a store that speaks HTTP, and misbehaves on demand. */
export async function chaosProxy(target: string): Promise<ChaosProxy> {
  const sockets = new Set<Socket>()
  const proxy: Omit<ChaosProxy, 'url' | typeof Symbol.asyncDispose> = {
    fault: 'none',
    delayMs: 0,
    requests: [],
    match: () => true,
  }
  const server = createServer((req, res) => {
    void handle(proxy, target, req, res).catch(() => res.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { pathname } = new URL(target)
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}${pathname === '/' ? '' : pathname}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const SLOW_MS = 20_000

async function handle(
  proxy: Pick<ChaosProxy, 'fault' | 'delayMs' | 'requests' | 'match'>,
  target: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const body = await buffer(req)
  const text = body.toString()
  proxy.requests.push({ at: performance.now(), body: text })
  const fault = proxy.match(text) ? proxy.fault : 'none'
  if (fault === 'refused') return void res.destroy()
  if (fault === 'hung') return
  if (proxy.delayMs > 0) await sleep(proxy.delayMs)
  if (fault === 'slow') await sleep(SLOW_MS)
  const answer = await forward(target, req, body)
  if (fault === 'lost') return
  if (fault === 'dropped') return void res.destroy()
  res.writeHead(answer.status, answer.headers)
  if (fault !== 'reset') return void res.end(answer.body)
  res.write(answer.body.subarray(0, answer.body.length / 2), () => res.destroy())
}

function forward(target: string, req: IncomingMessage, body: Buffer) {
  const answer = Promise.withResolvers<{
    status: number
    headers: IncomingMessage['headers']
    body: Buffer
  }>()
  const url = new URL(target)
  const outgoing = request(
    { host: url.hostname, port: url.port, path: req.url, method: req.method, headers: req.headers },
    (incoming) => {
      buffer(incoming).then((received) => {
        const { 'transfer-encoding': _, ...headers } = incoming.headers
        answer.resolve({ status: incoming.statusCode ?? 502, headers, body: received })
      }, answer.reject)
    },
  )
  outgoing.once('error', answer.reject)
  outgoing.end(body)
  return answer.promise
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
