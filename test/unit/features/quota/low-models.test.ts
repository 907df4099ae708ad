import { describe, expect, it } from 'vitest'
import { lowOf } from '../../../../src/sharing/quota/reserve/low-models.ts'

const SOON = '2026-11-20T10:00:00.000Z'
const LATER = '2026-11-20T15:00:00.000Z'

const row = (
  model_name: string,
  quota: number | null,
  status = 1,
  reset_time: string | null = SOON,
) => ({ model_name, quota, status, reset_time })

describe('what of an account is low', () => {
  it.each([
    ['nothing above the reserve', [row('a', 0.2001), row('b', 1)], null],
    ['what is at it', [row('a', 0.2), row('b', 1)], { model: 'a', left: 2_000 }],
    ['the model that fell before one with less', [row('b', 0.1), row('a', 0.2)], { model: 'a' }],
    ['else the one with the least', [row('b', 0.1), row('c', 0.05), row('a', 1)], { model: 'c' }],
    ['no model that is switched off', [row('b', 0, 0), row('a', 1)], null],
    ['but the one that fell', [row('a', 0, 0)], { model: 'a', left: 0 }],
    ['nothing that is not known', [row('a', null)], null],
    ['nothing at all', [], null],
  ])('is %s', (_, rows, low) => {
    const found = lowOf(rows, 2_000, 'a')
    if (low === null) expect(found).toBeNull()
    else expect(found).toMatchObject(low)
  })

  it('is nothing without a reserve', () => {
    expect(lowOf([row('a', 0)], 0, 'a')).toBeNull()
  })

  it('is back when the last of it is', () => {
    const rows = [
      row('a', 0.1, 1, LATER),
      row('b', 0.1),
      row('c', 1, 1, '2027-01-01T00:00:00.000Z'),
    ]
    expect(lowOf(rows, 2_000, 'a')?.until).toEqual(new Date(LATER))
  })

  it('is back some time where the plug-in does not say', () => {
    expect(lowOf([row('a', 0.1, 1, null)], 2_000, 'a')?.until).toBeNull()
  })
})
