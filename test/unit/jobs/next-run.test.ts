import { Cron } from 'croner'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextRun } from '../../../src/operations/jobs/next-run.ts'

const NOW = Date.parse('2026-11-20T12:34:56.789Z')

describe('the next run', () => {
  it.each([
    ['*/5 * * * *', '2026-11-20T12:35:00.000Z'],
    ['0 * * * *', '2026-11-20T13:00:00.000Z'],
    ['17 3 * * *', '2026-11-21T03:17:00.000Z'],
    ['34 12 * * *', '2026-11-21T12:34:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
    ['0 9-17/4 * * 1,3', '2026-11-23T09:00:00.000Z'],
    ['0 0 1 * 7', '2026-11-22T00:00:00.000Z'],
  ])('of %s', (expression, expected) => {
    expect(new Date(nextRun(expression, NOW) ?? 0).toISOString()).toBe(expected)
  })

  it('does not come for what never comes', () => {
    expect(nextRun('0 0 31 2 *', NOW)).toBeNull()
  })

  it('is never the very moment', () => {
    const exact = Date.parse('2026-11-20T12:35:00.000Z')
    expect(nextRun('*/5 * * * *', exact)).toBe(exact + 300_000)
  })

  it('is what another reader of cron expressions says', () => {
    const field = (low: number, high: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: low, max: high }).map(String),
        fc.integer({ min: 2, max: high }).map((step) => `*/${step}`),
        fc
          .tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }))
          .map(([a, b]) => (a <= b ? `${a}-${b}` : `${a},${b}`)),
      )
    const expression = fc
      .tuple(field(0, 59), field(0, 23), fc.constant('*'), field(1, 12), field(0, 6))
      .map((fields) => fields.join(' '))
    const moment = fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') })
    fc.assert(
      fc.property(expression, moment, (text, after) => {
        const expected = new Cron(text, { timezone: 'UTC' }).nextRun(new Date(after))
        expect(nextRun(text, after)).toBe(expected?.getTime() ?? null)
      }),
      { numRuns: 300 },
    )
  })
})
