import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { seen } from './model/admission.ts'
import { checkBooks, comeToRest } from './model/books.ts'
import { done, operation, perform } from './model/operations.ts'
import { World } from './model/world.ts'

/** How many sequences; each is several people's, side by side. */
const RUNS = campaign('MODEL_RUNS', { share: 1, full: 3 })
const PEOPLE = 12
const OPERATIONS = 90
/** Longer than one of them takes. */
const RUN_MS = 240_000

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world?.[Symbol.asyncDispose]())

const life = fc.array(operation, { minLength: OPERATIONS, maxLength: OPERATIONS + 10 })
const units = fc.constantFrom(0, 0.02, 0.05, 0.16, 0.2, 0.6)
const people = fc.array(fc.record({ units, life }), { minLength: PEOPLE, maxLength: PEOPLE })

it('the books close, whatever happens', { timeout: RUNS * RUN_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(people, async (lives) => {
      const players = await Promise.all(lives.map((each) => world.newPlayer(each.units)))
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
  console.log(`${JSON.stringify(done)}, admission: ${JSON.stringify(seen)}`)
  expect(done.operations).toBeGreaterThanOrEqual(RUNS * PEOPLE * OPERATIONS)
  // The bound has to have been reached, or it shows nothing.
  expect(seen.tight).toBeGreaterThan(RUNS * 10)
})
