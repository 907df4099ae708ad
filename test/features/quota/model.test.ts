import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkBooks, comeToRest } from './model/books.ts'
import { done, operation, perform } from './model/operations.ts'
import { World } from './model/world.ts'

/** How many sequences; each is several people's. `MODEL_RUNS` raises it. */
const RUNS = Number(process.env.MODEL_RUNS ?? 4)
/** A slow machine does fewer of them. */
const TIME_MS = RUNS > 4 ? RUNS * 60_000 : 70_000

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const life = fc.array(operation, { minLength: 20, maxLength: 40 })
const people = fc.array(fc.record({ units: fc.constantFrom(0, 0.02, 0.05, 0.5), life }), {
  minLength: 4,
  maxLength: 4,
})

it('the books close, whatever happens', { timeout: TIME_MS + 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(people, async (lives) => {
      const players = []
      for (const { units } of lives) players.push(await world.newPlayer(units))
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
      interruptAfterTimeLimit: TIME_MS,
      // What happens side by side never happens again in the same way: a shorter sequence proves nothing.
      endOnFailure: true,
    },
  )
  console.log(`${done.operations} operations, ${done.calls} calls`)
  expect(done.calls).toBeGreaterThan(100)
})
