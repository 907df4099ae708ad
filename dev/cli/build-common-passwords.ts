import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dictionary } from '@zxcvbn-ts/language-common'

/**
 * `npm run build:common-passwords`: takes the most common passwords from zxcvbn's list into the
 * Worker: of the whole list (600 KB) those that are long enough to be chosen here at all.
 */

const TARGET = join(import.meta.dirname, '../../src/features/password-policy/common-passwords.ts')
const MIN_LENGTH = 8
const COUNT = 3_000
const LINE_LENGTH = 180

const words = Object.values(dictionary['passwords-common'] ?? [])
  .filter((word): word is string => typeof word === 'string' && word.length >= MIN_LENGTH)
  .map((word) => word.toLowerCase())
  .filter((word) => /^[\x21-\x7e]+$/.test(word) && !/[`\\$]/.test(word))
const common = [...new Set(words)].slice(0, COUNT).sort()

const lines: string[] = []
let line = ''
for (const word of common) {
  if (line && line.length + word.length + 1 > LINE_LENGTH) {
    lines.push(line)
    line = ''
  }
  line += line ? ` ${word}` : word
}
lines.push(line)

await writeFile(
  TARGET,
  `// Made by "npm run build:common-passwords" from @zxcvbn-ts/language-common (MIT). Do not edit.
/** The ${common.length} most common passwords of at least ${MIN_LENGTH} characters, in lower case. */
export const COMMON_PASSWORDS = \`
${lines.join('\n')}
\`
`,
)
console.log(`${common.length} passwords written`)
