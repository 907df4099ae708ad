import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChaosProxy, chaosProxy, type Fault } from '../../support/chaos.ts'
import { stack } from '../../support/stack.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { type Case, newCases, type Store } from './fault-cases.ts'

const FAULTS: Fault[] = ['refused', 'hung', 'slow', 'reset', 'dropped', 'lost']
const proxies = {} as Record<Store, ChaosProxy>
let worker: OwnWorker

beforeAll(async () => {
  proxies.redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  proxies.database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  worker = await workerWith({
    UPSTASH_REDIS_REST_URL: proxies.redis.url,
    NEON_FETCH_ENDPOINT: proxies.database.url,
  })
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  for (const proxy of Object.values(proxies)) await proxy[Symbol.asyncDispose]()
})

describe.each(['redis', 'database'] as const)('%s is', (store) => {
  it.each(FAULTS)('%s: 503 within three seconds, nothing half done', async (fault) => {
    const all: Record<string, Case> = await newCases()
    const before = await Promise.all(Object.values(all).map(({ state }) => state()))
    proxies[store].fault = fault
    const answers = await Promise.all(
      Object.values(all).map(async ({ ask, needs }) => {
        if (!needs.includes(store)) return null
        const startedAt = performance.now()
        const { status, headers } = await ask(worker.url)
        return { status, retry: headers.get('retry-after'), took: performance.now() - startedAt }
      }),
    )
    proxies[store].fault = 'none'
    const after = await Promise.all(Object.values(all).map(({ state }) => state()))
    // A store that did the work and whose answer was lost has done it whole.
    const mayBeDone = ['reset', 'dropped', 'lost'].includes(fault)
    for (const [index, name] of Object.keys(all).entries()) {
      const answer = answers[index]
      if (!answer) continue
      expect(answer.status, name).toBe(503)
      expect(answer.retry, name).not.toBeNull()
      // Three seconds, and what the other calls' slow hashes take on the same core.
      expect(answer.took, name).toBeLessThan(3_000)
      if (!mayBeDone) expect(after[index], name).toEqual(before[index])
    }
    for (const [name, { ask, needs }] of Object.entries(all)) {
      if (!needs.includes(store) || needs.length < 2) continue
      const { status } = await ask(worker.url)
      // Sessions that ended before Redis failed stay ended; everything else goes through now, or
      // finds that it is done.
      if (mayBeDone) expect(status, `${name} afterwards`).toBeLessThan(500)
      else expect([200, 201, 202, 401], `${name} afterwards`).toContain(status)
    }
  })
})
