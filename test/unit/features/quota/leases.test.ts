import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { campaign } from '../../../support/campaign.ts'
import {
  type Fate,
  KEPT_MS,
  PRICE,
  type SimulatedCall,
  Simulation,
  type Trip,
} from './simulation.ts'

/** How many lives of each kind. */
const RUNS = campaign('SIMULATIONS', { share: 30, full: 150 })
/** Making a life that goes wrong as short as it can be takes longer than any that goes well. */
const TIMEOUT_MS = 20 * RUNS * 60 + 300_000
const ISOLATES = 3

interface Kind {
  fates?: readonly Fate[]
  longestMs?: number
}

const ms = (max: number) => fc.oneof(fc.nat(20), fc.nat(max))

function lives({ fates = ['arrives'], longestMs = 3_000 }: Kind) {
  const call = fc.record<SimulatedCall>({
    at: fc.nat(longestMs + 1_000),
    isolate: fc.nat(ISOLATES - 1),
    takesMs: ms(longestMs),
    cost: fc.option(fc.nat(PRICE), { freq: 6 }),
  })
  const fate = fc.oneof(
    { weight: 8, arbitrary: fc.constant<Fate>('arrives') },
    { weight: 2, arbitrary: fc.constantFrom(...fates) },
  )
  return fc.record({
    balance: fc.oneof(fc.nat(30), fc.nat(100)).map((calls) => calls * PRICE),
    calls: fc.array(call, { minLength: 1, maxLength: 80, size: 'max' }),
    trips: fc.infiniteStream<Trip>(fc.record({ fate, thereMs: ms(300), backMs: ms(300) })),
  })
}

describe('isolates that share a pool never let through together more than it holds', () => {
  it.each<[string, Kind]>([
    ['when all goes well', {}],
    ['when requests are lost', { fates: ['is lost'] }],
    ['when answers are lost', { fates: ['answer is lost'] }],
    ['when requests arrive after they were given up', { fates: ['arrives late'] }],
    ['when requests arrive twice', { fates: ['arrives twice', 'comes again later'] }],
    [
      'whatever becomes of requests',
      {
        fates: ['is lost', 'answer is lost', 'arrives late', 'arrives twice', 'comes again later'],
      },
    ],
    ['when calls outlast claims', { longestMs: 90_000 }],
  ])('%s', { timeout: TIMEOUT_MS }, async (_, kind) => {
    const total = { admitted: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(lives(kind), async ({ balance, calls, trips }) => {
        const simulation = new Simulation(ISOLATES, balance, trips)
        await simulation.run(calls)
        total.admitted += simulation.seen.admitted
        total.refused += simulation.seen.refused
      }),
      { numRuns: RUNS },
    )
    // Without both of them nothing was shown.
    expect(Math.min(total.admitted, total.refused)).toBeGreaterThan(RUNS)
  })
})

it('what calls hold of which nobody finds out what they cost ends with its time', async () => {
  const arrives: Trip = { fate: 'arrives', thereMs: 1, backMs: 1 }
  const simulation = new Simulation(1, PRICE, Array(20).fill(arrives)[Symbol.iterator]())
  const call: SimulatedCall = { at: 0, isolate: 0, takesMs: 5, cost: 'unknown' }
  await simulation.run([
    call,
    { ...call, at: KEPT_MS / 2 },
    { ...call, at: KEPT_MS + 100, cost: 0 },
  ])
  expect(simulation.seen).toMatchObject({ admitted: 2, refused: 1 })
})

it('Redis that has gone back to what it was is told again what an isolate knows', async () => {
  const arrives: Trip = { fate: 'arrives', thereMs: 1, backMs: 1 }
  const simulation = new Simulation(1, 5 * PRICE, Array(20).fill(arrives)[Symbol.iterator]())
  const call: SimulatedCall = { at: 0, isolate: 0, takesMs: 5, cost: PRICE }
  await simulation.run([call, { ...call, at: 100 }])
  expect(simulation.told().balance).toBe(3 * PRICE)
  simulation.goBack()
  expect(simulation.told().balance).toBe(5 * PRICE)
  // Calls that are given up tell nothing of their own; the second asks for itself.
  const givenUp = { ...call, cost: null, takesMs: 50 }
  await simulation.run([
    { ...givenUp, at: 5_000 },
    { ...givenUp, at: 5_020 },
  ])
  expect(simulation.told().balance).toBe(3 * PRICE)
})
