import { expect, it } from 'vitest'
import { deriveUsername } from '../../../src/identity/accounts/derive-username.ts'
import { Username } from '../../../src/identity/accounts/schemas.ts'
import { systemRandom } from '../../../src/platform/random.ts'

const isTaken = (name: string) => Username.safeParse(name).success

it.each([
  ['a variation selector', 'admin\ufe0f'],
  ['a filler', '\u3164\u3164\u3164'],
  ['a half-width filler', 'ad\uffa0min'],
  ['a combining grapheme joiner', 'a\u034fdmin'],
  ['a Cyrillic letter among Latin ones', '\u0430dmin'],
  ['a Greek letter among Latin ones', 'adm\u03b9n'],
  ['forty-eight accents', `a${'\u0301'.repeat(48)}bc`],
  ['four accents', 'a\u0301\u0302\u0303\u0304bc'],
  ['letters that nobody writes any more', '\u{10330}\u{10331}\u{10332}'],
  ['a soft hyphen', 'ad\u00admin'],
])('%s is in no name', (_, name) => {
  expect(isTaken(name)).toBe(false)
})

it.each([
  'admin',
  'Zo\u00eb-1',
  'Nguy\u1ec5n',
  '\u0430\u043d\u043d\u0430',
  '\u592a\u90ce123',
  'taro\u592a\u90ce\u3055\u3093',
  '\ud64d\uae38\ub3d9',
  '\u0645\u062d\u0645\u062f',
  '\u0939\u093f\u0928\u094d\u0926\u0940',
  '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35',
])('%s is a name', (name) => {
  expect(isTaken(name.normalize('NFC'))).toBe(true)
})

it("a provider's name is made one, or another is found", () => {
  for (const wish of ['\u0430dmin', `a${'\u0301'.repeat(48)}`, '\u3164\u3164', 'ok\ufe0f name'])
    expect(isTaken(deriveUsername(systemRandom, wish, 0))).toBe(true)
})
