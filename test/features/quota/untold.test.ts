import { expect, it } from 'vitest'
import { chaosProxy } from '../../support/chaos.ts'
import { arm, chat, MODEL } from '../../support/chat.ts'
import {
  atTheGate,
  checkBooks,
  GROUP,
  grant,
  newLender,
  poolOf,
  reached,
} from '../../support/quota.ts'
import { sql, stack, standIn, waitFor } from '../../support/stack.ts'
import { workerWith } from '../../support/worker-with.ts'

it('what a call cost reaches the gate once Redis is back, with whatever is settled next', async () => {
  const [spender, other] = await Promise.all([newLender(), newLender()])
  for (const person of [spender, other]) {
    await grant(person, 1)
    // The AI service tells what a call has used only of a model that it has used before.
    await standIn('account', { cookie_id: person.cookieId, stored: { [MODEL]: 1 } })
  }
  const proxy = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  const worker = await workerWith({ UPSTASH_REDIS_REST_URL: proxy.url })
  const booked = async () => {
    const [row] = await sql`select count(*)::int as n from quota_ledger
      where user_id = ${spender.id} and amount < 0`
    return row?.n === 1
  }
  try {
    const marker = await arm('slow', { delayMs: 500 })
    const answer = chat({ key: spender.key, content: marker, baseUrl: worker.url })
    await waitFor(async () => (await reached(marker)) === 1)
    proxy.requests = []
    proxy.fault = 'refused'
    expect((await answer).status).toBe(200)
    await waitFor(booked)
    // The attempt to tell it, and the one that the client makes once more.
    const attempts = () =>
      proxy.requests.filter(({ body }) => body.includes(`pool:${spender.id}:${GROUP}`))
    await waitFor(async () => attempts().length >= 2)
    expect(await atTheGate(spender)).toBeNull()

    proxy.fault = 'none'
    const next = await chat({ key: other.key, content: 'next', baseUrl: worker.url })
    expect(next.status).toBe(200)
    await waitFor(async () => (await atTheGate(spender)) !== null)
    expect((await atTheGate(spender))?.balance).toBeLessThanOrEqual(
      Math.round((await poolOf(spender)).balance * 10_000),
    )
    await checkBooks(spender)
  } finally {
    proxy.fault = 'none'
    await worker.close()
    await proxy[Symbol.asyncDispose]()
  }
})
