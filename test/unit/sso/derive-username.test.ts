import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deriveUsername } from '../../../src/identity/accounts/derive-username.ts'
import { Username } from '../../../src/identity/accounts/schemas.ts'
import { systemRandom } from '../../../src/platform/random.ts'

it('makes a valid user name of any wish', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), fc.nat(3), (wish, attempt) => {
      const name = deriveUsername(systemRandom, wish, attempt)
      expect(Username.safeParse(name).error).toBeUndefined()
      expect(name.isWellFormed()).toBe(true)
    }),
  )
})

it('keeps a name that is valid already', () => {
  expect(deriveUsername(systemRandom, 'Ada.Lovelace_1815', 0)).toBe('Ada.Lovelace_1815')
  expect(deriveUsername(systemRandom, 'Ada', 1)).toMatch(/^Ada-[0-9a-f]{6}$/)
})
