import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PoolState } from '../../../../src/ports/leases.ts'
import {
  accrue,
  RECOVERY_DIVISOR,
  timeToRecover,
} from '../../../../src/sharing/quota/pools/accrual.ts'

const HOUR_MS = 3_600_000

const pool = (fields: Partial<PoolState> = {}): PoolState => ({
  balance: 0,
  accruedAt: 0,
  remainder: 0,
  ceiling: 20_000,
  ...fields,
})

const pools = fc.record({
  balance: fc.integer({ min: -50_000, max: 400_000 }),
  accruedAt: fc.constant(0),
  remainder: fc.integer({ min: 0, max: RECOVERY_DIVISOR - 1 }),
  ceiling: fc.integer({ min: 0, max: 400_000 }),
})

describe('recovery', () => {
  it('is a fifth of the ceiling an hour', () => {
    expect(accrue(pool(), HOUR_MS)).toMatchObject({ balance: 4_000, remainder: 0 })
    expect(accrue(pool({ ceiling: 7 }), HOUR_MS)).toMatchObject({ balance: 1 })
  })

  it('ends at the ceiling, and nothing is saved up beyond it', () => {
    const full = accrue(pool(), 100 * HOUR_MS)
    expect(full).toMatchObject({ balance: 20_000, remainder: 0, accruedAt: 100 * HOUR_MS })
  })

  it('is nothing without a ceiling', () => {
    expect(accrue(pool({ ceiling: 0, balance: -5 }), HOUR_MS).balance).toBe(-5)
  })

  it('does not depend on when it is written down', () => {
    fc.assert(
      fc.property(
        pools,
        fc.array(fc.integer({ min: 0, max: 20 * HOUR_MS }), { minLength: 1, maxLength: 20 }),
        (start, moments) => {
          const order = moments.toSorted((one, other) => one - other)
          const end = order.at(-1) ?? 0
          const stepwise = order.reduce((state, moment) => accrue(state, moment), start)
          const once = accrue(start, end)
          expect({ ...stepwise, accruedAt: 0 }).toEqual({ ...once, accruedAt: 0 })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('never takes anything, nor goes above the ceiling', () => {
    fc.assert(
      fc.property(pools, fc.integer({ min: 0, max: 1_000 * HOUR_MS }), (start, moment) => {
        const { balance } = accrue(start, moment)
        expect(balance).toBeGreaterThanOrEqual(start.balance)
        if (start.balance < start.ceiling) expect(balance).toBeLessThanOrEqual(start.ceiling)
      }),
    )
  })

  it('takes as long as is said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000 }),
        fc.integer({ min: 1, max: 400_000 }),
        (amount, ceiling) => {
          const need = Math.min(amount, ceiling)
          const ms = timeToRecover(need, ceiling)
          expect(accrue(pool({ ceiling }), ms).balance).toBe(need)
          expect(accrue(pool({ ceiling }), ms - 1).balance).toBeLessThan(need)
        },
      ),
    )
  })
})
