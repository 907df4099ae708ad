import { describe, expect, it } from 'vitest'
import { Slice, Slices } from '../../../src/platform/rate-slices.ts'

const POLICY = { name: 'p', limit: 1_000, windowSeconds: 60 }
const WINDOW = { remaining: 900, resetAt: 60_000 }

describe('a slice', () => {
  it('is good for its own window only', () => {
    const slice = new Slice(POLICY)
    slice.note(WINDOW, 9)
    expect(slice.use(59_999)).toBe(true)
    expect(slice.use(60_000)).toBe(false)
    expect(slice.giveBack(60_000)).toBe(false)
    slice.note({ remaining: 990, resetAt: 120_000 }, 0)
    expect(slice.use(60_001)).toBe(false)
  })

  it('does not take an answer about a window that is over', () => {
    const slice = new Slice(POLICY)
    slice.note({ remaining: 990, resetAt: 120_000 }, 0)
    slice.note(WINDOW, 9)
    expect(slice.use(60_001)).toBe(false)
  })

  it.each([
    [900, 10],
    [50, 5],
    [19, 1],
    [0, 1],
  ])('with %i calls left is of %i', (remaining, calls) => {
    const slice = new Slice(POLICY)
    slice.note({ ...WINDOW, remaining }, 0)
    expect(slice.beginAsking(1)).toBe(calls)
  })

  it('is never of more than a hundred, however large the limit', () => {
    const slice = new Slice({ ...POLICY, limit: 1_000_000 })
    slice.note({ ...WINDOW, remaining: 900_000 }, 0)
    expect(slice.beginAsking(1)).toBe(100)
  })

  it('is asked for by one request at a time, and in a known window', () => {
    const slice = new Slice(POLICY)
    expect(slice.beginAsking(1)).toBe(1)
    slice.note(WINDOW, 0)
    expect(slice.beginAsking(1)).toBe(10)
    expect(slice.beginAsking(2)).toBe(1)
    slice.endAsking(1)
    expect(slice.beginAsking(3)).toBe(1)
    slice.endAsking(10)
    expect(slice.beginAsking(4)).toBe(10)
    // Whoever asked was cancelled in the middle of it.
    expect(slice.beginAsking(10_000)).toBe(10)
  })

  it('is low when a quarter is left, until the next one has been asked for', () => {
    const slice = new Slice(POLICY)
    slice.note(WINDOW, 0)
    slice.note(WINDOW, slice.beginAsking(1))
    slice.endAsking(10)
    const low = Array.from({ length: 10 }, () => slice.use(2) && slice.isLow(2))
    expect(low).toEqual([...Array(7).fill(false), ...Array(3).fill(true)])
    slice.beginAsking(3)
    expect(slice.isLow(3)).toBe(false)
    slice.endAsking(10)
    expect(slice.isLow(3)).toBe(true)
    expect(slice.isLow(WINDOW.resetAt)).toBe(false)
    slice.note({ ...WINDOW, remaining: 10 }, 0)
    expect(slice.isLow(3)).toBe(false)
  })

  it('belongs to one caller and one limit', () => {
    const slices = new Slices()
    const slice = slices.of(POLICY, 'a')
    expect(slices.of({ ...POLICY }, 'a')).toBe(slice)
    expect(slices.of(POLICY, 'b')).not.toBe(slice)
    expect(slices.of({ ...POLICY, limit: 2_000 }, 'a')).not.toBe(slice)
    expect(slices.of({ ...POLICY, windowSeconds: 3_600 }, 'a')).not.toBe(slice)
  })
})
