import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nameProblem } from '../../src/identity/accounts/name-rules.ts'

/**
 * `npm run build:confusables`: takes Unicode's table of characters that look alike (UTS 39,
 * confusables.txt, as the package unhomoglyph has it) into the Worker: of its 6,300 those that can
 * stand in a user name.
 */

const SOURCE = fileURLToPath(import.meta.resolve('unhomoglyph/data.json'))
const TARGET = join(import.meta.dirname, '../../src/identity/accounts/confusables.ts')

const LINE_LENGTH = 180

const isForNames = (character: string) =>
  /^[\p{L}\p{M}\p{N}._-]$/u.test(character) && nameProblem(character) === null

const table = JSON.parse(await readFile(SOURCE, 'utf8')) as Record<string, string>
const sharers = new Map<string, string[]>()
for (const [character, prototype] of Object.entries(table)) {
  if (!isForNames(character)) continue
  // What becomes something else when a name is decomposed is never looked up.
  if (character.normalize('NFKC').normalize('NFD') !== character) continue
  sharers.set(prototype, [...(sharers.get(prototype) ?? []), character])
}

const looks = [...sharers]
  // What no other name can look like tells nothing.
  .filter(([prototype, those]) => those.length > 1 || [...prototype].every(isForNames))
  .flatMap(([prototype, those]) =>
    those.map((character) => ({ code: character.codePointAt(0) ?? 0, prototype })),
  )
  .sort((one, other) => one.code - other.code)

/** Marks and letters that run from right to left would make a mess of the file. */
const escaped = (text: string) =>
  [...text]
    .map((character) =>
      /[a-zA-Z0-9._-]/.test(character)
        ? character
        : `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )
    .join('')
/** Words in lines of about one length. */
function wrap(words: readonly string[]): string {
  const lines = ['']
  for (const word of words) {
    const line = lines.at(-1)
    if (line && line.length + word.length + 1 > LINE_LENGTH) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines.join('\n')
}

await writeFile(
  TARGET,
  `// Made by "npm run build:confusables" from unhomoglyph (MIT; data: Unicode, Inc.). Do not edit.
/**
 * ${looks.length} characters that look like another (UTS 39): how much further each code point is than the one before,
 * to base 36; by columns, as that is a third smaller, compressed as well.
 */
export const CONFUSABLE_STEPS = \`
${wrap(looks.map(({ code }, at) => (code - (looks[at - 1]?.code ?? 0)).toString(36)))}
\`

/** What each of them looks like. */
export const CONFUSABLE_LOOKS = \`
${wrap(looks.map(({ prototype }) => escaped(prototype)))}
\`
`,
)
console.log(`${looks.length} characters written`)
