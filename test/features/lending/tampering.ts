import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stack } from '../../support/stack.ts'

/** A plug-in that answers as the stand-in does, but for what a test makes of some answers. */
export interface TamperingPlugin extends AsyncDisposable {
  url: string
  /** `METHOD /path` of everything that was asked. */
  asked: string[]
}

type Tamper = (data: never, query: URLSearchParams) => unknown

/** @param changes by `METHOD /path`: makes another `data` of the answer's */
export async function tamperingPlugin(changes: Record<string, Tamper>): Promise<TamperingPlugin> {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', stack.pluginUrl)
    const name = `${request.method} ${url.pathname}`
    asked.push(name)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = await fetch(url, {
      method: request.method ?? 'GET',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': 'application/json',
      },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    })
    let text = await answer.text()
    const change = changes[name]
    if (change && answer.ok) {
      const { data } = JSON.parse(text) as { data: never }
      text = JSON.stringify({ success: true, data: change(data, url.searchParams) })
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
