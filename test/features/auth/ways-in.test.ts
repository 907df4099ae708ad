import fc from 'fast-check'
import { expect, it } from 'vitest'
import { campaign } from '../../support/campaign.ts'
import { setStage } from './ways-in/stage.ts'
import { ALL_STEPS, type Step, World } from './ways-in/world.ts'

/**
 * Somebody claims an address that is somebody else's, and both do what they can, in any order. Whenever the
 * owner of the address has got into an account, nobody else has a way in.
 */

setStage()

const RUNS = campaign('WAYS_IN_RUNS', { share: 60, full: 1_500 })
/** So many are played at once: each has an address of its own, and waits most of the time. */
const AT_ONCE = 16

interface Move {
  step: Step
  pick: number
}

const ROUNDS = campaign('WAYS_IN_ROUNDS', { share: 6, full: 50 })

const move = (...steps: readonly Step[]): fc.Arbitrary<Move> =>
  fc.record({ step: fc.constantFrom(...steps), pick: fc.nat(5) })

/** Anything in any order. */
const anything = fc.array(
  move(
    ...ALL_STEPS,
    // Without which little follows.
    ...(['squatter signs in', 'owner forgets', 'owner resets'] as const),
  ),
  { minLength: 3, maxLength: 12, size: 'max' },
)

/** How people get to what their address opens. */
const WAYS_OF_OWNERS: Step[][] = [
  ['owner forgets', 'owner resets'],
  ['owner confirms', 'owner forgets', 'owner resets'],
  ['owner asks for a link', 'owner confirms', 'owner forgets', 'owner resets'],
  ['owner confirms', 'owner comes by provider'],
  ['owner agrees to a move', 'owner forgets', 'owner resets'],
  ['owner registers', 'owner confirms signed in', 'owner comes by provider'],
  ['owner forgets', 'owner resets', 'owner signs in', 'owner enrols', 'owner resets'],
]

/** One of these ways, while the squatter does something before every step of it. */
const inTheMiddle = fc
  .tuple(
    fc.constantFrom(...WAYS_OF_OWNERS),
    fc.array(
      fc.array(move(...ALL_STEPS.filter((step) => step.startsWith('squatter'))), {
        maxLength: 3,
        size: 'max',
      }),
      {
        minLength: 6,
        maxLength: 6,
      },
    ),
    fc.nat(5),
  )
  .map(([way, acts, pick]) =>
    way.flatMap((step, index): Move[] => [...(acts[index] ?? []), { step, pick }]),
  )

const moves = fc
  .oneof(anything, inTheMiddle)
  .map((rest): Move[] => [
    { step: 'squat', pick: 0 },
    { step: 'squatter signs in', pick: 0 },
    ...rest,
  ])

async function play(sequence: Move[]): Promise<void> {
  const world = new World()
  for (const { step, pick } of sequence) await world.play(step, pick)
  expect(await world.wrongs()).toEqual([])
}

it(`${RUNS} sequences leave a squatter no way in`, {
  timeout: Math.max(120_000, RUNS * 2_000),
}, async () => {
  const seed = Number(process.env.WAYS_IN_SEED ?? Date.now() % 1_000_000)
  await Promise.all(
    Array.from({ length: AT_ONCE }, (_, lane) =>
      fc.assert(fc.asyncProperty(moves, play), {
        numRuns: Math.ceil(RUNS / AT_ONCE),
        seed: seed + lane,
        endOnFailure: true,
      }),
    ),
  )
})

const SQUATTERS: Step[] = [
  ...(['squatter signs in', 'squatter makes a key', 'squatter links'] as const),
  ...(['squatter refreshes', 'squatter changes the password', 'squatter enrols'] as const),
  ...(['squatter moves away', 'squatter begins to link', 'squatter begins to sign in'] as const),
]

it.each<[string, Step[]]>([
  ['a new password', ['owner resets']],
  ['a confirmation and a provider', ['owner confirms', 'owner comes by provider']],
  ['a confirmation and a new password', ['owner confirms', 'owner resets']],
])('%s wins every race against what is under way', { timeout: 240_000 }, async (_, owners) => {
  for (let round = 0; round < ROUNDS; round++) {
    const world = new World()
    for (const step of ['squat', 'squatter signs in', 'squatter makes a key'] as const)
      await world.play(step, 0)
    await world.play('owner forgets', 0)
    await Promise.all([...owners, ...SQUATTERS].map((step) => world.play(step, 0)))
    // Whoever was late gets another try.
    await world.play('owner forgets', 0)
    await world.play('owner resets', 0)
    expect(await world.wrongs()).toEqual([])
  }
})
