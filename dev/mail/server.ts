import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import type { RunningPart } from '../stack/part.ts'
import { Outbox } from './outbox.ts'
import { outboxPage } from './page.ts'

export interface MailOptions {
  /** 0 or nothing: any free port. */
  port?: number
}

const MAX_BODY_BYTES = 1024 * 1024

const Sent = z.object({
  from: z.string(),
  to: z.union([z.string(), z.array(z.string())]).transform((to) => [to].flat()),
  subject: z.string(),
  text: z.string().default(''),
  html: z.string().default(''),
})

/**
 * Starts the place where mails land on a developer's machine: it takes them over the same JSON API
 * as a real mail service (`POST /emails`) and shows them on a page.
 */
export async function startMail({ port = 0 }: MailOptions): Promise<RunningPart> {
  const outbox = new Outbox()
  const server = createServer((request, response) => {
    handle(outbox, request, response).catch((error: unknown) =>
      answer(response, 500, { error: error instanceof Error ? error.message : 'failed' }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new Error(`Port ${port} is busy.`)))
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function handle(
  outbox: Outbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  switch (`${request.method} ${pathname}`) {
    case 'POST /emails': {
      const sent = Sent.safeParse(JSON.parse(await readBody(request)))
      if (!sent.success) return answer(response, 422, { error: 'not a mail' })
      const key = request.headers['idempotency-key']
      return answer(response, 200, { id: String(outbox.add(sent.data, key?.toString())) })
    }
    case 'GET /':
      return answer(response, 200, outboxPage(outbox.list()))
    case 'GET /messages':
      return answer(response, 200, outbox.list(searchParams.get('to')))
    case 'DELETE /messages':
      outbox.clear()
      return answer(response, 200, {})
  }
  const mail = outbox.find(Number(/^\/messages\/(\d+)\.html$/.exec(pathname)?.[1]))
  return mail ? answer(response, 200, mail.html) : answer(response, 404, { error: 'not found' })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_BODY_BYTES) throw new Error('too large')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A text is a page, anything else JSON. */
function answer(response: ServerResponse, status: number, body: unknown): void {
  const isPage = typeof body === 'string'
  response.writeHead(status, {
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(isPage ? body : JSON.stringify(body))
}
