import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkBooks, comeToRest } from './model/books.ts'
import { done, operation, perform } from './model/operations.ts'
import { World } from './model/world.ts'

/** How many sequences; each is several people's. `MODEL_RUNS` raises it. */
const RUNS = Number(process.env.MODEL_RUNS ?? 12)
/** A slow machine begins no more of them after this time, unless it was told how many. */
const ENOUGH_MS = process.env.MODEL_RUNS ? Number.POSITIVE_INFINITY : 45_000
/** Longer than one of them takes. */
const RUN_MS = 90_000

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const life = fc.array(operation, { minLength: 20, maxLength: 40 })
const people = fc.array(fc.record({ units: fc.constantFrom(0, 0.02, 0.05, 0.5), life }), {
  minLength: 5,
  maxLength: 5,
})

it('the books close, whatever happens', { timeout: RUNS * RUN_MS }, async () => {
  const startedAt = Date.now()
  await fc.assert(
    fc.asyncProperty(people, async (lives) => {
      if (Date.now() - startedAt > ENOUGH_MS) return
      const players = await Promise.all(lives.map(({ units }) => world.newPlayer(units)))
      await Promise.all(
        players.map(async (player, at) => {
          for (const step of lives[at]?.life ?? []) await perform(world, player, step)
        }),
      )
      await comeToRest(world, players)
      await checkBooks(world, players)
    }),
    {
      numRuns: RUNS,
      // What happens side by side never happens again in the same way: a shorter sequence proves nothing.
      endOnFailure: true,
    },
  )
  console.log(`${done.operations} operations, ${done.calls} calls`)
  expect(done.calls).toBeGreaterThan(100)
})
