import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ChaosProxy, chaosProxy, type Fault } from '../../support/chaos.ts'
import { stack } from '../../support/stack.ts'
import { readSurface } from '../../support/surface.ts'
import { type OwnWorker, workerWith } from '../../support/worker-with.ts'
import { ELSEWHERE, isAboutPeople, newCases, type Store } from './fault-cases/index.ts'

const FAULTS: Fault[] = ['refused', 'hung', 'slow', 'reset', 'dropped', 'lost']
const proxies = {} as Record<Store, ChaosProxy>
let worker: OwnWorker

beforeAll(async () => {
  proxies.redis = await chaosProxy(stack.bindings.UPSTASH_REDIS_REST_URL ?? '')
  proxies.database = await chaosProxy(stack.bindings.NEON_FETCH_ENDPOINT ?? '')
  worker = await workerWith({
    UPSTASH_REDIS_REST_URL: proxies.redis.url,
    NEON_FETCH_ENDPOINT: proxies.database.url,
    // Hashes would make the other calls wait.
    ARGON2_MEMORY_KIB: '64',
    ARGON2_PASSES: '1',
    MFA_REQUIRED_ROLES: 'model_manager',
    RATE_LIMIT: '100000/1m',
  })
})

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  for (const proxy of Object.values(proxies)) await proxy[Symbol.asyncDispose]()
})

it('every route about people has a case', async () => {
  const { declared } = await readSurface()
  const routes = declared
    .filter(({ path }) => isAboutPeople(path))
    .map(({ method, path }) => `${method} ${path}`)
  const cases = Object.keys(await newCases(worker.url)).map((name) => name.replace(/ \(.*/, ''))
  expect(new Set([...cases, ...ELSEWHERE])).toEqual(new Set(routes))
})

describe.each(['redis', 'database'] as const)('%s is', (store) => {
  it.each(FAULTS)('%s: 503 within three seconds, nothing half done', async (fault) => {
    const all = await newCases(worker.url)
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
      expect(answer.took, name).toBeLessThan(3_000)
      if (!mayBeDone) expect(after[index], name).toEqual(before[index])
    }
    for (const [name, { ask, needs, answers: expected }] of Object.entries(all)) {
      if (!needs.includes(store)) continue
      const { status } = await ask(worker.url)
      // Sessions that ended before Redis failed stay ended; everything else goes through now, or
      // finds that it is done.
      if (mayBeDone) expect(status, `${name} afterwards`).toBeLessThan(500)
      else expect(expected, `${name} afterwards`).toContain(status)
    }
  })
})
