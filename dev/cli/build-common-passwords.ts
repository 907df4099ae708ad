import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dictionary } from '@zxcvbn-ts/language-common'

/**
 * `npm run build:common-passwords`: takes the most common passwords from zxcvbn's list into the
 * Worker: of the whole list (600 KB) those that are long enough to be chosen here at all, and the
 * shorter ones that get long enough by a few digits. Of either what is left without such digits.
 */

const TARGET = join(
  import.meta.dirname,
  '../../src/credentials/password-policy/common-passwords.ts',
)
const MIN_LENGTH = 8
const LONG_COUNT = 3_000
/** Shorter ones than this are part of too much else. */
const MIN_STEM_LENGTH = 4
const SHORT_COUNT = 5_000
/** Numbers stand further down in the list than words, and are few: these are looked for among so many. */
const MIN_NUMBER_LENGTH = 6
const NUMBERS_AMONG = 10_000
const LINE_LENGTH = 180

const words = Object.values(dictionary['passwords-common'] ?? [])
  .filter((word) => typeof word === 'string')
  .map((word) => word.toLowerCase())
  .filter((word) => /^[\x21-\x7e]+$/.test(word) && !/[`\\$]/.test(word))
const ranked = [...new Set(words)]
const isLong = (word: string) => word.length >= MIN_LENGTH
const isShort = (word: string) => word.length >= MIN_STEM_LENGTH && !isLong(word)
const isNumber = (word: string) => /^\d+$/.test(word) && word.length >= MIN_NUMBER_LENGTH

/** @returns nothing where too little is left of a short one */
function stemOf(word: string): string[] {
  const stem = word.replace(/[\d\W_]+$/, '')
  if (stem.length >= MIN_STEM_LENGTH) return [stem]
  return word.length >= MIN_NUMBER_LENGTH ? [word] : []
}

const chosen = [
  ...ranked.filter(isLong).slice(0, LONG_COUNT),
  ...ranked.filter(isShort).slice(0, SHORT_COUNT),
  ...ranked.slice(0, NUMBERS_AMONG).filter(isNumber).filter(isShort),
]
const common = [...new Set(chosen.flatMap(stemOf))].sort()

/** How much of the word before it a word begins with, as a capital letter, and the rest of it. */
function follow(word: string, before: string): string {
  let same = 0
  while (same < 25 && same < before.length && word[same] === before[same]) same += 1
  return String.fromCharCode(65 + same) + word.slice(same)
}

const lines: string[] = []
let line = ''
for (const [index, word] of common.entries()) {
  const piece = follow(word, common[index - 1] ?? '')
  if (line && line.length + piece.length > LINE_LENGTH) {
    lines.push(line)
    line = ''
  }
  line += piece
}
lines.push(line)

await writeFile(
  TARGET,
  `// Made by "npm run build:common-passwords" from @zxcvbn-ts/language-common (MIT). Do not edit.
/**
 * What the most common passwords are made of, ${common.length} stems in lower case, in their order: of each how much of
 * the one before it it begins with (A: nothing), and the rest of it. That is a third smaller, compressed as well.
 */
export const COMMON_PASSWORDS = \`
${lines.join('\n')}
\`
`,
)
console.log(`${common.length} stems written`)
