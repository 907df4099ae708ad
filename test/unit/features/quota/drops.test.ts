import { describe, expect, it } from 'vitest'
import { seeCalls } from '../../../../src/sharing/quota/drops/see-calls.ts'
import type { Drop, Past } from '../../../../src/sharing/quota/drops/state.ts'
import { type Accounts, atOnceOver, type Day, liveThrough, PEOPLE } from './drops-simulation.ts'

const DAYS = Number(process.env.SIMULATIONS ?? 40)
const seeds = Array.from({ length: DAYS }, (_, at) => at + 1)

interface Bounds {
  /** How far from what somebody's tokens cost their bill may be, in 1/10,000 of an account. */
  cost: number
  /** How far from their share, by tokens, of all bills. */
  share: number
}

/** Throws where somebody's bill of a day is too far from what it should be. */
function check(day: Day, accounts: Accounts, bounds: Bounds): void {
  const sumOf = (amount: (person: (typeof PEOPLE)[number]) => number) =>
    PEOPLE.reduce((sum, person) => sum + amount(person), 0)
  const bills = sumOf((person) => accounts.billOf(person))
  const costs = sumOf((person) => accounts.costOf(person))
  for (const person of PEOPLE) {
    const [bill, cost] = [accounts.billOf(person), accounts.costOf(person)]
    const who = `${person}, ${JSON.stringify(day)}`
    expect(Math.abs(bill - cost), who).toBeLessThanOrEqual(bounds.cost)
    expect(Math.abs(bill - (bills * cost) / costs), who).toBeLessThanOrEqual(bounds.share)
  }
  accounts.close()
}

/**
 * With coarse steps nobody's bill is off their share by more than one. The smallest add up over many calls,
 * each of which may show one too much or too little; and outside use of the first calls, before anything
 * was learned, is not told from them.
 */
describe.each([
  { step: 10, alone: { cost: 100, share: 100 }, beside: { cost: 200, share: 150 } },
  { step: 500, alone: { cost: 501, share: 501 }, beside: { cost: 601, share: 501 } },
  { step: 2_000, alone: { cost: 2_001, share: 500 }, beside: { cost: 2_001, share: 500 } },
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

  it('charges nobody for what is used outside while calls run side by side', () => {
    for (const seed of seeds) {
      const day = { step, seed, calls: 160, atOnce: 6, outside: 4 }
      check(day, liveThrough(day), beside)
    }
  })
})

describe('calls side by side that cost the same, whatever they say', () => {
  it('are never taken for outside use, whoever is heard of when', () => {
    for (const seed of seeds) {
      const accounts = atOnceOver(seed)
      expect(accounts.outside, `seed ${seed}`).toBe(0)
      accounts.close()
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
  const nothing: Past = { state: null, drops: [], open: [], levels: [] }
  const see = (...calls: ReturnType<typeof call>[]) => seeCalls(nothing, calls, told)

  it('loses nothing a second time when its quota has come back', () => {
    const { changes } = see(call('a', 10_000, 9_900, 0), call('b', 10_000, 9_900, 20_000))
    expect(changes).toEqual(
      new Map([
        ['a', 100],
        ['b', 100],
      ]),
    )
  })

  it('loses nothing a second time by a look from before another call ended', () => {
    const { changes, state } = see(call('a', 10_000, 9_900, 0), call('b', 10_000, 9_900, 5_000))
    expect(changes.get('a')).toBe(100)
    expect(state.top - state.level).toBe(100)
  })

  it('has lost the same whatever is heard of first', () => {
    const calls = [
      call('a', 10_000, 9_960, 0),
      call('b', 9_960, 9_880, 900),
      call('c', 9_960, 9_920, 800),
      call('d', 9_880, 9_840, 2_000),
    ]
    for (const order of [calls, calls.toReversed(), [1, 3, 0, 2].map((at) => calls[at])]) {
      let past: Past = nothing
      let charged = 0
      const drops = new Map<string, Drop>()
      for (const one of order) {
        if (!one) continue
        const change = seeCalls({ ...past, drops: [...drops.values()] }, [one], told)
        for (const drop of change.drops) drops.set(drop.id, drop)
        for (const amount of change.changes.values()) charged += amount
        past = {
          ...past,
          state: change.state,
          open: change.open,
          levels: [...past.levels, { at: one.endedAt, left: one.after }],
        }
      }
      const outside = [...drops.values()].reduce((sum, drop) => sum + drop.outside, 0)
      expect(charged + outside).toBe(160)
    }
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
