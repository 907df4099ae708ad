import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Batch, type BatchCtx } from '../../../src/metering/usage/batch.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A batch whose writing takes so long, and what it has written. */
function slowBatch(writeMs: number) {
  const rounds: number[][] = []
  let underWay = 0
  let most = 0
  const batch = new Batch<number>(async (_, items) => {
    most = Math.max(most, ++underWay)
    rounds.push(items)
    await new Promise((resolve) => setTimeout(resolve, writeMs))
    underWay--
  })
  const ctx = { clock: { now: Date.now }, waitUntil: () => undefined } as unknown as BatchCtx
  return { rounds, most: () => most, add: (item: number) => batch.add(ctx, item) }
}

it('what comes while a round is being written is written together, after it', async () => {
  const { rounds, most, add } = slowBatch(2_000)
  for (let item = 0; item < 300; item++) {
    add(item)
    await vi.advanceTimersByTimeAsync(10)
  }
  await vi.advanceTimersByTimeAsync(4_000)
  expect(most()).toBe(1)
  expect(rounds.length).toBeLessThanOrEqual(4)
  expect(rounds.flat().toSorted((one, other) => one - other)).toEqual([...Array(300).keys()])
})

it('no round is larger than what one statement can take', async () => {
  const { rounds, add } = slowBatch(100)
  for (let item = 0; item < 1_000; item++) add(item)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(rounds.map(({ length }) => length)).toEqual([400, 400, 200])
})

it('a round that is never written keeps none after it from being written', async () => {
  const { rounds, add } = slowBatch(60_000)
  add(0)
  await vi.advanceTimersByTimeAsync(500)
  add(1)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(rounds).toEqual([[0]])
  await vi.advanceTimersByTimeAsync(1_500)
  expect(rounds).toEqual([[0], [1]])
})
