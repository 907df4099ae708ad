import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { stack } from './stack.ts'

export interface HoldingDatabase extends AsyncDisposable {
  url: string
  /**
   * Holds requests whose text matches from now on.
   *
   * @param what the request, before the database hears of it, or its answer
   * @param times how many of them
   */
  hold(pattern: RegExp, what: 'request' | 'answer', times?: number): void
  /** Answers requests whose text matches with an error of PostgreSQL's instead of asking it. */
  refuse(pattern: RegExp, code: string, times: number): void
  /** Whether somebody is waiting. */
  isHolding(): Promise<boolean>
  /** Lets go of all that is held, and holds no more. */
  letGo(): void
}

/** Stands in front of the shared database, and keeps some of it waiting. */
export async function holdingDatabase(): Promise<HoldingDatabase> {
  const target = stack.bindings.NEON_FETCH_ENDPOINT ?? ''
  let rule: { pattern: RegExp; what: 'request' | 'answer'; times: number } | null = null
  let refusal: { pattern: RegExp; code: string; times: number } | null = null
  let held: (() => void)[] = []
  const wait = () => new Promise<void>((resolve) => held.push(resolve))

  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request)
    const isMeant = rule !== null && rule.times > 0 && rule.pattern.test(body.toString())
    const what = rule && isMeant ? rule.what : null
    if (rule && isMeant) rule.times--
    if (what === 'request') await wait()
    if (refusal && refusal.times > 0 && refusal.pattern.test(body.toString())) {
      refusal.times--
      const error = { message: 'could not go on', code: refusal.code, severity: 'ERROR' }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(error))
      return
    }
    const { host: _, connection: __, 'content-length': ___, ...rest } = request.headers
    const headers = rest as Record<string, string>
    const answer = await fetch(target, { method: 'POST', headers, body: new Uint8Array(body) })
    const text = await answer.text()
    if (what === 'answer') await wait()
    const type = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'content-type': type }).end(text)
  }
  const server = createServer((request, response) => {
    // The Worker may be gone before it is answered.
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const letGo = () => {
    rule = null
    for (const resolve of held) resolve()
    held = []
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    hold: (pattern, what, times = Number.POSITIVE_INFINITY) => {
      rule = { pattern, what, times }
    },
    refuse: (pattern, code, times) => {
      refusal = { pattern, code, times }
    },
    isHolding: async () => held.length > 0,
    letGo,
    async [Symbol.asyncDispose]() {
      letGo()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
