import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** How a server can be out of order. */
export const FAULTS = ['refused', 'hung', 'reset', 'slow', 'garbage'] as const
export type Fault = (typeof FAULTS)[number]

const GARBAGE = '<html><body>It works!</body></html>'

/** Stands in front of a server and puts it out of order, connections that are open included. */
export interface ChaosProxy {
  url: string
  /** From now on; what is under way is hit too. */
  inflict(fault: Fault, delayMs?: number): Promise<void>
  recover(): Promise<void>
  close(): Promise<void>
}

export async function startChaosProxy(target: string): Promise<ChaosProxy> {
  let fault: Fault | null = null
  let delayMs = 0
  const sockets = new Set<Socket>()
  /** Answers that are under way. */
  const answers = new Set<ServerResponse>()

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    answers.add(response)
    response.on('close', () => answers.delete(response))
    response.on('error', () => undefined)
    switch (fault) {
      case 'hung':
        return
      case 'reset':
        request.socket.resetAndDestroy()
        return
      case 'garbage':
        response.writeHead(200, { 'content-type': 'text/html' }).end(GARBAGE)
        return
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
    const upstream = forward(
      new URL(request.url ?? '/', target),
      {
        method: request.method,
        headers: { ...request.headers, connection: 'close' },
        agent: false,
      },
      (answer) => {
        // A fault has answered for it meanwhile.
        if (response.headersSent) return void answer.resume()
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.on('data', (chunk: Buffer) => {
          if (fault !== 'hung') response.write(chunk)
        })
        answer.on('end', () => {
          if (fault !== 'hung') response.end()
        })
        answer.on('error', () => response.destroy())
        response.on('close', () => answer.destroy())
      },
    )
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  }

  const server = createServer((request, response) => void handle(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  const port = await listen(server, 0)

  return {
    url: `http://127.0.0.1:${port}`,
    async inflict(next, delay = 1_000) {
      fault = next
      delayMs = delay
      if (next === 'garbage') for (const answer of answers) answer.end(GARBAGE)
      if (next === 'refused' || next === 'reset') {
        const closed = next === 'refused' ? close(server) : undefined
        for (const socket of sockets) socket.resetAndDestroy()
        await closed
      }
    },
    async recover() {
      if (fault === 'refused') await listen(server, port)
      if (fault === 'hung') for (const socket of sockets) socket.destroy()
      fault = null
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await close(server)
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close(() => resolve())
    else resolve()
  })
}
