import { describe, expect, it } from 'vitest'
import { seeCalls } from '../../../../src/sharing/quota/drops/see-calls.ts'
import { type Accounts, type Day, liveThrough, PEOPLE } from './drops-simulation.ts'

const DAYS = Number(process.env.SIMULATIONS ?? 40)
const seeds = Array.from({ length: DAYS }, (_, at) => at + 1)

/** Throws where somebody's bill is too far from what their tokens cost, in 1/10,000 of an account. */
function check(day: Day, accounts: Accounts, bound: number): void {
  for (const person of PEOPLE) {
    const off = Math.abs(accounts.billOf(person) - accounts.costOf(person))
    expect(off, `${person}, ${JSON.stringify(day)}`).toBeLessThanOrEqual(bound)
  }
  accounts.close()
}

/** Amounts are whole, which takes up to one more; the smallest steps add up over many calls. */
describe.each([
  { step: 10, alone: 100, beside: 200 },
  { step: 500, alone: 501, beside: 501 },
  { step: 2_000, alone: 2_001, beside: 2_001 },
])('a meter that moves in steps of $step / 10,000', ({ step, alone, beside }) => {
  it('charges each for their tokens, whoever is the one who sees it move', () => {
    for (const seed of seeds) {
      const day = { step, seed, calls: 160, atOnce: 1, outside: 0 }
      check(day, liveThrough(day), alone)
    }
  })

  it('charges each for their tokens, side by side, whatever is heard of first', () => {
    for (const seed of seeds) {
      const day = { step, seed, calls: 160, atOnce: 6, outside: 0 }
      check(day, liveThrough(day), alone)
    }
  })

  it('charges nobody for what is used outside', () => {
    for (const seed of seeds) {
      const day = { step, seed, calls: 160, atOnce: 1, outside: 4 }
      check(day, liveThrough(day), beside)
    }
  })
})

describe('an account', () => {
  const call = (logId: string, before: number, after: number, at: number, tokens = 100) => ({
    logId,
    model: 'm',
    startedAt: at,
    endedAt: at + 1_000,
    isTimed: true,
    before,
    after,
    tokens,
    isKnown: false,
  })
  const told = () => ({ learned: null, perCall: 100 })
  const nothing = { state: null, drops: [], open: [], levels: [] }
  const see = (...calls: ReturnType<typeof call>[]) => seeCalls(nothing, calls, told)

  it('loses nothing a second time when its quota has come back', () => {
    const { changes } = see(call('a', 10_000, 9_900, 0), call('b', 10_000, 9_900, 5_000))
    expect(changes).toEqual(
      new Map([
        ['a', 100],
        ['b', 100],
      ]),
    )
  })

  it('is not what the next caller pays for', () => {
    const { changes, drops } = see(call('a', 10_000, 9_900, 0), call('b', 9_500, 9_400, 5_000))
    expect(changes).toEqual(
      new Map([
        ['a', 100],
        ['b', 100],
      ]),
    )
    expect(drops.map(({ lost, outside }) => [lost, outside])).toEqual([
      [100, 0],
      [400, 400],
      [100, 0],
    ])
  })

  it('charges one who shows it all no more than their tokens', () => {
    const calls = Array.from({ length: 26 }, (_, at) =>
      call(String(at).padStart(2, '0'), 10_000, at < 25 ? 10_000 : 8_000, at * 2_000),
    )
    const amounts = [...see(...calls).changes.values()]
    expect(Math.max(...amounts) - Math.min(...amounts)).toBeLessThanOrEqual(1)
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(2_000)
  })

  it('shares what two models of a group lost side by side, once', () => {
    const one = call('a', 10_000, 9_940, 0)
    const { changes } = see(one, { ...call('b', 10_000, 9_940, 100), model: 'n' })
    expect(changes).toEqual(
      new Map([
        ['a', 30],
        ['b', 30],
      ]),
    )
  })
})
