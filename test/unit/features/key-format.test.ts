import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateKey, hashKey, ownerOf } from '../../../src/credentials/principals/key-format.ts'

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const userId = fc.integer({ min: 1, max: 2 ** 31 - 1 })

describe('API keys', () => {
  it('have one form, name their owner and are all different', () => {
    fc.assert(
      fc.property(userId, bytes, (id, random) => {
        const { key, hash, preview } = generateKey(id, random)
        expect(key).toMatch(/^sk-sa-[0-9A-Za-z]{55}$/)
        expect(ownerOf(key)).toBe(id)
        expect(hashKey(key)).toBe(hash)
        expect(preview).toBe(`${key.slice(0, 18)}...`)
      }),
    )
    expect(generateKey(1, new Uint8Array(32).fill(255)).key).not.toBe(
      generateKey(1, new Uint8Array(32).fill(254)).key,
    )
  })

  it('carry all 256 bits', () => {
    const flipped = new Set(
      Array.from({ length: 256 }, (_, bit) => {
        const random = new Uint8Array(32)
        random[bit >> 3] = 1 << (bit & 7)
        return generateKey(1, random).key
      }),
    )
    expect(flipped.size).toBe(256)
  })

  it('give away every single wrong character', () => {
    fc.assert(
      fc.property(
        userId,
        bytes,
        fc.nat(60),
        fc.constantFrom(...'0aZ-_ é'),
        (id, random, position, char) => {
          const { key } = generateKey(id, random)
          const typo = key.slice(0, position) + char + key.slice(position + 1)
          fc.pre(typo !== key)
          expect(ownerOf(typo)).toBeNull()
        },
      ),
    )
  })

  it.each(['', 'sk-', 'sk-sa-', 'sk-proj-abc', 'x'.repeat(1e5)])('are not %j', (text) => {
    expect(ownerOf(text)).toBeNull()
  })
})
