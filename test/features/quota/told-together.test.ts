import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { arm, chat, MODEL } from '../../support/chat.ts'
import { checkBooks, grant, newLender, poolOf, reached } from '../../support/quota.ts'
import { call, stack, standIn, waitFor, workerWith } from '../../support/stack.ts'

/** Stands in front of the database, and keeps what a key has used to itself for a while. */
async function holdingDatabase() {
  const target = stack.bindings.NEON_FETCH_ENDPOINT ?? ''
  let isHolding = false
  const held: (() => void)[] = []
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces).toString()
    if (isHolding && /sum\(.{1,40}quota/.test(body)) {
      await new Promise<void>((resolve) => held.push(resolve))
    }
    const { host: _, connection: __, 'content-length': ___, ...rest } = request.headers
    const headers = rest as Record<string, string>
    const answer = await fetch(target, { method: 'POST', headers, body })
    const type = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text())
  }
  const server = createServer((request, response) => {
    // The Worker may be gone before it is answered.
    pass(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    hold: () => {
      isHolding = true
    },
    isAsked: async () => held.length > 0,
    letGo: () => {
      isHolding = false
      for (const resolve of held) resolve()
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

it('what a call held is free only when the gate knows what it cost, however long its key takes', async () => {
  const person = await newLender()
  await grant(person, 0.01)
  // The AI service tells what a call has used only of a model that it has used before.
  await standIn('account', { cookie_id: person.cookieId, stored: { [MODEL]: 1 } })
  const { body } = await call<{ key: string }>('/api/api-keys', {
    token: person.token,
    json: { quota_per_day: 1 },
  })
  const database = await holdingDatabase()
  const worker = await workerWith({ NEON_FETCH_ENDPOINT: database.url })
  const ask = (content: string) => chat({ key: body.key, content, baseUrl: worker.url })
  try {
    const first = await arm('slow', { delayMs: 500 })
    const answer = ask(first)
    await waitFor(async () => (await reached(first)) === 1)
    database.hold()
    expect((await answer).status).toBe(200)
    await waitFor(database.isAsked)
    expect((await poolOf(person)).balance).toBeLessThan(0.001)
    const second = `second-${person.id}`
    const refused = await ask(second)
    expect(refused.error?.code).toBe('insufficient_quota')
    expect(await reached(second)).toBe(0)
    database.letGo()
    await checkBooks(person)
  } finally {
    database.letGo()
    await worker.close()
    await database.close()
  }
})
