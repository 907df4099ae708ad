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
const lookalikes = new Map<string, string>()
let count = 0
for (const [character, prototype] of Object.entries(table)) {
  if (!isForNames(character)) continue
  // What becomes something else when a name is decomposed is never looked up.
  if (character.normalize('NFKC').normalize('NFD') !== character) continue
  lookalikes.set(prototype, (lookalikes.get(prototype) ?? '') + character)
  count++
}

/** Marks and letters that run from right to left would make a mess of the file. */
const escaped = (text: string) =>
  [...text]
    .map((character) =>
      /[a-zA-Z0-9._-]/.test(character)
        ? character
        : `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )
    .join('')
const lines = ['']
for (const [prototype, characters] of lookalikes) {
  // What no other name can look like tells nothing.
  if ([...characters].length === 1 && ![...prototype].every(isForNames)) continue
  const entry = `${escaped(prototype)}=${escaped(characters)}`
  const line = lines.at(-1)
  if (line && line.length + entry.length + 1 > LINE_LENGTH) lines.push(entry)
  else lines[lines.length - 1] = line ? `${line} ${entry}` : entry
}

await writeFile(
  TARGET,
  `// Made by "npm run build:confusables" from unhomoglyph (MIT; data: Unicode, Inc.). Do not edit.
/** What ${count} characters look like: first the look, then those that have it (UTS 39). */
export const CONFUSABLES = \`
${lines.join('\n')}
\`
`,
)
console.log(`${count} characters written`)
