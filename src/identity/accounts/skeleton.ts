import { CONFUSABLE_LOOKS, CONFUSABLE_STEPS } from './confusables.ts'

/** Character → what it looks like; read when it is first needed, since most isolates name nobody. */
let looks: Map<string, string> | undefined

function readLooks(): Map<string, string> {
  const shown = CONFUSABLE_LOOKS.trim().split(/\s/)
  const read = new Map<string, string>()
  let code = 0
  for (const [index, step] of CONFUSABLE_STEPS.trim().split(/\s/).entries()) {
    code += Number.parseInt(step, 36)
    read.set(String.fromCodePoint(code), shown[index] ?? '')
  }
  return read
}

/**
 * What a name looks like, whatever it is made of: two names with one skeleton cannot be told apart
 * by eye (Unicode Technical Standard 39, section 4). Capitals count as they are shown, since "I" looks
 * like "l" and "i" does not.
 */
export function skeletonOf(name: string): string {
  const asShown = lookOf(name.normalize('NFKC').trim())
  // Once more: what a capital looks like may be one, whose small letter looks like something else.
  return lookOf(asShown.toLowerCase()).toLowerCase()
}

function lookOf(text: string): string {
  looks ??= readLooks()
  let look = ''
  for (const character of text.normalize('NFD')) look += looks.get(character) ?? character
  return look.normalize('NFD')
}
