import { randomUUID } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server answers: pieces of the body, each after a pause. */
export interface Script {
  status?: number
  headers?: Record<string, string>
  pieces: readonly (string | readonly [pauseMs: number, text: string])[]
  /** `open` leaves the connection open. */
  end?: 'close' | 'reset' | 'open'
}

export interface ScriptedServer {
  url: string
  /** Answers the requests that hold the returned text, which nobody else's do; as their body decides. */
  on(script: Script | ((body: string) => Script)): string
  /** Of requests with such a text. */
  seen(marker: string): { url: string; body: string; headers: NodeJS.Dict<string | string[]> }[]
  models: Script
  close(): Promise<void>
}

/** A server that does what it is told, piece by piece. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const scripts = new Map<string, Script | ((body: string) => Script)>()
  const requests: { url: string; body: string; headers: NodeJS.Dict<string | string[]> }[] = []
  const server = createServer(async (request, response) => {
    response.on('error', () => undefined)
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { url = '', headers } = request
    requests.push({ url, body, headers })
    const [, script] = [...scripts].find(([marker]) => body.includes(marker)) ?? []
    const played = typeof script === 'function' ? script(body) : script
    await play(response, played ?? started.models)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const started: ScriptedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    on(script) {
      const marker = `marker-${randomUUID()}`
      scripts.set(marker, script)
      return marker
    },
    seen: (marker) => requests.filter(({ body }) => body.includes(marker)),
    models: { pieces: ['{"object":"list","data":[]}'] },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return started
}

async function play(response: ServerResponse, script: Script): Promise<void> {
  const { status = 200, headers, pieces, end = 'close' } = script
  const isJson = pieces.length === 1 && /^[[{]/.test(String(pieces[0]))
  const type = isJson ? 'application/json' : 'text/event-stream'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.flushHeaders()
  response.socket?.setNoDelay(true)
  for (const piece of pieces) {
    const [pauseMs, text] = typeof piece === 'string' ? ([0, piece] as const) : piece
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    if (response.destroyed) return
    if (text !== '') response.write(text)
  }
  if (end === 'close') response.end()
  else if (end === 'reset') {
    await new Promise((resolve) => setTimeout(resolve, 30))
    response.socket?.destroy()
  }
}
