import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A message as the receiver has seen it. */
export interface ReceivedWebhook {
  id: string
  path: string
  isSigned: boolean
  body: { type: string; timestamp: string; data: Record<string, unknown> }
}

export interface WebhookReceiver extends AsyncDisposable {
  url: string
  messages: ReceivedWebhook[]
  /** What it answers next, in turn; 204 when nothing is left. */
  answers: { status: number; location?: string }[]
}

/** A receiver that checks signatures as the Standard Webhooks specification asks of one. */
export async function startReceiver(secret: string): Promise<WebhookReceiver> {
  const messages: ReceivedWebhook[] = []
  const answers: WebhookReceiver['answers'] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    messages.push({
      id: String(request.headers['webhook-id']),
      path: request.url ?? '',
      isSigned: isSigned(request, text, secret),
      body: text === '' ? null : JSON.parse(text),
    })
    const { status, location } = answers.shift() ?? { status: 204 }
    response.writeHead(status, location ? { location } : {}).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    messages,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isSigned({ headers }: IncomingMessage, text: string, secret: string): boolean {
  const at = Number(headers['webhook-timestamp'])
  if (!(Math.abs(Date.now() / 1000 - at) < 300)) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
  const expected = createHmac('sha256', key).update(content).digest()
  return String(headers['webhook-signature'])
    .split(' ')
    .some((signature) => {
      const [version, value = ''] = signature.split(',')
      const given = Buffer.from(value, 'base64')
      return version === 'v1' && given.length === 32 && timingSafeEqual(given, expected)
    })
}
