import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningPart } from '../../dev/stack/part.ts'

export interface StoreProxyOptions {
  port?: number
  /** The store's own address. */
  target: string
}

/** What `GET /__bench` answers. */
export interface StoreProxyState {
  calls: number
  /** What one call was really held back for, on average; timers are late, never early. */
  meanDelayMs: number
}

const CONTROL = '/__bench'

/**
 * Starts a proxy that counts the calls of a store and holds each back for a while, as a network
 * would. `POST /__bench {"delayMs": 5}` sets the time and starts counting anew.
 */
export async function startStoreProxy({ target, port }: StoreProxyOptions): Promise<RunningPart> {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port: targetPort } = new URL(target)
  let delayMs = 0
  let calls = 0
  let heldBackMs = 0

  const control = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (incoming.method === 'POST') {
      const body = await readBody(incoming)
      delayMs = (JSON.parse(body.toString()) as { delayMs: number }).delayMs
      calls = 0
      heldBackMs = 0
    }
    const state: StoreProxyState = { calls, meanDelayMs: calls === 0 ? 0 : heldBackMs / calls }
    outgoing.end(JSON.stringify(state))
  }

  const passOn = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await readBody(incoming)
    const { 'transfer-encoding': _, ...headers } = incoming.headers
    calls += 1
    if (delayMs > 0) {
      const startedAt = performance.now()
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      heldBackMs += performance.now() - startedAt
    }
    const onward = request(
      {
        agent,
        hostname,
        port: targetPort,
        method: incoming.method,
        path: incoming.url,
        headers: { ...headers, 'content-length': body.length },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    onward.on('error', () => outgoing.destroy())
    onward.end(body)
  }

  const server = createServer((incoming, outgoing) => {
    const handle = incoming.url === CONTROL ? control : passOn
    handle(incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve) => server.listen(port ?? 0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
