import { beforeEach, describe, expect, it } from 'vitest'
import {
  type CatalogCtx,
  forgetCatalog,
  forgetCatalogHere,
  readCatalog,
} from '../../../src/metering/catalog/catalog.ts'
import { modelFacts } from '../../../src/metering/catalog/model-facts.ts'
import type { ModelRow } from '../../../src/metering/catalog/queries.ts'

const row = (id: string, isEnabled = true): ModelRow => ({
  id,
  groupName: 'g',
  weight: 20_000,
  isEnabled,
  requestEstimate: 50,
  standsFor: null,
})

/** Stores that count who asks, and a clock that stands still. */
function world() {
  const state = {
    now: 1_000_000,
    redis: null as string | null,
    rows: [row('a')],
    isDown: false,
    asked: [] as string[],
    behind: [] as Promise<unknown>[],
    /** What PostgreSQL waits for. */
    hold: Promise.resolve(),
  }
  const refuse = () => {
    if (state.isDown) throw new Error('down')
  }
  const redis = {
    get: async () => {
      state.asked.push('redis')
      refuse()
      return state.redis
    },
    set: async (_key: string, value: string) => {
      state.redis ??= value
    },
    multi: () => ({ set: () => undefined, exec: async () => (state.redis = '-') }),
  }
  const db = {
    select: () => ({
      from: () => ({
        orderBy: async () => {
          state.asked.push('postgres')
          refuse()
          const { rows } = state
          await state.hold
          return rows
        },
      }),
    }),
  }
  const newCtx = () =>
    ({
      services: { redis, db },
      clock: { now: () => state.now },
      waitUntil: (work: Promise<unknown>) => state.behind.push(work),
      logger: { log: () => undefined },
    }) as unknown as CatalogCtx
  return { state, newCtx, settled: () => Promise.all(state.behind) }
}

beforeEach(() => forgetCatalogHere())

describe('the catalogue of an isolate', () => {
  it('is read once, beside whatever else a request reads', async () => {
    const { state, newCtx, settled } = world()
    const ctx = newCtx()
    const early = readCatalog(ctx)
    expect(await modelFacts(ctx, 'a')).toEqual({
      group: 'g',
      weight: 20_000,
      isEnabled: true,
      requestEstimate: 50,
    })
    await early
    await settled()
    expect(state.asked).toEqual(['redis', 'postgres'])
    expect(JSON.parse(state.redis ?? '')).toEqual([row('a')])
  })

  it('costs nobody a round trip while it is warm', async () => {
    const { state, newCtx } = world()
    await readCatalog(newCtx())
    state.asked.length = 0
    state.now += 59_000
    expect((await modelFacts(newCtx(), 'a')).group).toBe('g')
    expect(state.asked).toEqual([])
  })

  it('is renewed behind the request, one attempt at a time', async () => {
    const { state, newCtx, settled } = world()
    await readCatalog(newCtx())
    await settled()
    state.redis = null
    state.rows = [row('a', false)]
    state.now += 61_000
    state.asked.length = 0
    const seen = [await modelFacts(newCtx(), 'a'), await modelFacts(newCtx(), 'a')]
    expect(seen.map(({ isEnabled }) => isEnabled)).toEqual([true, true])
    await settled()
    expect(state.asked).toEqual(['redis', 'postgres'])
    expect((await modelFacts(newCtx(), 'a')).isEnabled).toBe(false)
  })

  it('is read first after a long sleep, and kept where that fails', async () => {
    const { state, newCtx, settled } = world()
    await readCatalog(newCtx())
    await settled()
    state.redis = null
    state.rows = [row('a', false)]
    state.now += 601_000
    state.isDown = true
    expect((await modelFacts(newCtx(), 'a')).isEnabled).toBe(true)
    state.isDown = false
    expect((await modelFacts(newCtx(), 'a')).isEnabled).toBe(false)
  })

  it('is no open door when it cannot be read at all', async () => {
    const { state, newCtx } = world()
    state.isDown = true
    await expect(modelFacts(newCtx(), 'a')).rejects.toThrow('down')
  })

  it('is not put back by a slow reader after a change', async () => {
    const { state, newCtx, settled } = world()
    const held = Promise.withResolvers<void>()
    state.hold = held.promise
    const slow = readCatalog(newCtx())
    while (!state.asked.includes('postgres')) await Promise.resolve()
    await forgetCatalog(newCtx())
    state.rows = [row('a', false)]
    forgetCatalogHere()
    held.resolve()
    await slow
    await settled()
    expect(state.redis).toBe('-')
    expect((await modelFacts(newCtx(), 'a')).isEnabled).toBe(false)
  })
})

describe('a model that nobody has said anything about', () => {
  it.each([
    ['gemini-3-pro-low', 'gemini-3-pro'],
    ['gemini-3-pro-high', 'gemini-3-pro'],
    ['claude-opus-4-5-thinking', 'claude'],
    ['gpt-oss-120b-medium', 'gpt-oss-120b-medium'],
    ['claude-opus-4-6-thinking', 'claude'],
    ['gemini-2.5-pro-thinking', 'gemini-2.5-pro'],
    ['gemini-2.5-flash', 'gemini-2.5-flash'],
    ['__proto__', '__proto__'],
  ])('%s draws from %s', async (model, group) => {
    const facts = await modelFacts(world().newCtx(), model)
    expect(facts).toEqual({ group, weight: 10_000, isEnabled: true, requestEstimate: null })
  })
})
