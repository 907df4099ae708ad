import { describe, expect, it } from 'vitest'
import { judge } from '../../support/timing.ts'

/** Deterministic noise (mulberry32), as of a busy machine: long tails on either side. */
function noise(seed: number): () => number {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return () => (next() < 0.1 ? 1 + 5 * next() : 0.95 + 0.1 * next())
}

const ratiosOf = (factor: number, pairs: number, seed: number) => {
  const random = noise(seed)
  return Array.from({ length: pairs }, () => (factor * random()) / random())
}

describe('the judgement of times', () => {
  it.each([1, 2, 3, 4, 5])('finds no difference where there is none (%d)', (seed) => {
    expect(judge(ratiosOf(1, 64, seed)).verdict).toBe('alike')
  })

  it.each([0.75, 0.8, 1.25, 1.4])('finds one of %d among the noise', (factor) => {
    for (let seed = 0; seed < 20; seed++)
      expect(judge(ratiosOf(factor, 128, seed)).verdict).toBe('different')
  })

  it('says when it cannot tell', () => {
    expect(judge(ratiosOf(1.1, 32, 1)).verdict).toBe('undecided')
    expect(judge([0.5, 1, 2]).verdict).toBe('undecided')
  })
})
