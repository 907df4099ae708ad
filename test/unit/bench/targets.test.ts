import { describe, expect, it } from 'vitest'
import type { ContenderName } from '../../../bench/contenders/contender.ts'
import type { Measurement, Rounds } from '../../../bench/measure.ts'
import { FULL, QUICK } from '../../../bench/plan.ts'
import { distribution, median, spread } from '../../../bench/report/statistics.ts'
import { figure, table } from '../../../bench/report/table.ts'
import { judge, pairedRatio } from '../../../bench/report/targets.ts'
import type { Results } from '../../../bench/run.ts'

/** A round in which 100 requests took a second. */
function measured(cpuMs: number, p99 = 1): Measurement {
  const times = { p50: p99, p99, max: p99 }
  const rest = { errors: {}, storesCpuMs: 0, latency: times, firstByte: times }
  return { requests: 100, durationMs: 1_000, cpuMs, ...rest }
}

function roundsOf(values: Partial<Record<ContenderName, number[]>>): Rounds {
  return new Map(
    Object.entries(values).map(([name, list]) => [
      name as ContenderName,
      list.map((value) => measured(value, value)),
    ]),
  )
}

function results(values: Partial<Record<ContenderName, number[]>>): Results {
  const rounds = roundsOf(values)
  return {
    plan: FULL,
    whole: rounds,
    paced: rounds,
    fixedRate: rounds,
    isFixedRateApart: true,
    stores: new Map(),
    memory: new Map(),
    startUp: null,
    admission: [],
    faces: [],
  }
}

const verdictOf = (given: Results, title: RegExp) =>
  judge(given).find((target) => title.test(target.title))?.verdict

describe('statistics', () => {
  it('takes the middle, and percentiles by nearest rank', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNaN()
    expect(distribution(Array.from({ length: 200 }, (_, index) => index + 1))).toEqual({
      p50: 100,
      p99: 198,
      max: 200,
    })
    expect(spread([2, 3, 2.5])).toBe(0.5)
  })
})

describe('targets', () => {
  it('compares the two sides of each round, so that a machine that slows down changes nothing', () => {
    const rounds = roundsOf({ openai: [10, 20, 40], bare: [10, 20, 40] })
    expect(pairedRatio(rounds, 'openai', 'bare', ({ cpuMs }) => cpuMs ?? 0)).toBe(1)
  })

  it('holds up to the limit and not beyond', () => {
    const title = /openai: CPU of a stream against/
    expect(verdictOf(results({ openai: [15], bare: [10] }), title)).toBe('holds')
    expect(verdictOf(results({ openai: [15.1], bare: [10] }), title)).toBe('does not hold')
    expect(verdictOf(results({ openai: [15] }), title)).toBe('not measured')
  })

  it('wants every other figure against Portkey too', () => {
    const good = results({ antigravity: [10], portkey: [50] })
    expect(verdictOf(good, /antigravity: p99/)).toBe('holds')
    expect(verdictOf(good, /antigravity: CPU of a request/)).toBe('holds')
    // Both answered 100 requests a second.
    expect(verdictOf(good, /antigravity: requests\/s against Portkey/)).toBe('does not hold')
  })

  it('judges p99 beside the bare Worker only where the stores were apart', () => {
    const both = results({ openai: [20], bare: [10] })
    const title = /openai: p99 at 200\/s against the bare/
    expect(verdictOf(both, title)).toBe('holds')
    expect(verdictOf({ ...both, isFixedRateApart: false }, title)).toBe('not measured')
    expect(verdictOf(results({ openai: [21], bare: [10] }), title)).toBe('does not hold')
  })

  it('judges slow stores by the calls that are waited for', () => {
    const stores = (waitedFor: number): Results => ({
      ...results({}),
      stores: new Map([
        [
          'openai' as const,
          { fastMs: 1, slowMs: 1, delayMs: 5, redisCalls: 1, databaseCalls: 0, waitedFor },
        ],
      ]),
    })
    expect(verdictOf(stores(1.2), /openai: store calls/)).toBe('holds')
    expect(verdictOf(stores(1.6), /openai: store calls/)).toBe('does not hold')
  })

  it('judges memory by a run of ten thousand streams, beside the bare Worker', () => {
    const course = (streams: number, mebibytes: number) => ({
      points: [
        { streams: streams / 2, mebibytes: 100 },
        { streams, mebibytes },
      ],
      streamsPerSecond: 1,
      errors: 0,
    })
    const memory = (streams: number, ours: number, bare: number): Results => ({
      ...results({}),
      memory: new Map([
        ['openai' as const, course(streams, ours)],
        ['bare' as const, course(streams, bare)],
      ]),
    })
    expect(verdictOf(memory(10_000, 105, 100), /openai: memory/)).toBe('holds')
    expect(verdictOf(memory(10_000, 150, 100), /openai: memory/)).toBe('does not hold')
    expect(verdictOf(memory(10_000, 150, 145), /openai: memory/)).toBe('holds')
    const { checkpoints } = QUICK.memory
    expect(verdictOf(memory(checkpoints.at(-1) ?? 0, 150, 100), /openai: memory/)).toBe(
      'not measured',
    )
  })
})

describe('the table', () => {
  it('aligns its columns', () => {
    expect(
      table(
        ['who', 'ms'],
        [
          ['nobody', '1'],
          ['me', '1,000'],
        ],
      ),
    ).toBe('| who    |    ms |\n|--------|------:|\n| nobody |     1 |\n| me     | 1,000 |')
  })

  it('shows as many digits as mean anything', () => {
    expect([0.12345, 12.345, 1234.5, Number.NaN].map((value) => figure(value))).toEqual([
      '0.123',
      '12.3',
      '1,235',
      '–',
    ])
  })
})
