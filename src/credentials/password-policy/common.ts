import { isPattern } from './patterns.ts'

/** Digits and signs before and behind a word, in all: what is the second thing to be tried. */
const MAX_AFFIX = 6
/** A number with many more digits is a number of its own. */
const MAX_AFFIX_OF_NUMBER = 4

/** What people write for letters; 1 and ! are read both ways. */
const LEET: Record<string, string> = {
  ...{ '0': 'o', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g' },
  ...{ '@': 'a', $: 's', '+': 't', '|': 'l', '€': 'e' },
}
const ONES = ['i', 'l']

/** The stems of the most common passwords. */
export type CommonPasswords = ReadonlySet<string>

/**
 * Whether a password is one of the most common ones, as it is or dressed up: with digits and signs
 * before or behind it (`Summer2024!`), or in place of letters (`p@ssw0rd`, `dr4g0n99`).
 *
 * @param folded in lower case
 */
export function isCommon(folded: string, common: CommonPasswords): boolean {
  return [...coresOf(folded)].some((core) => isStem(core, common))
}

/** Reads a list in which each stem says how much of the one before it it begins with. */
export function readStems(folded: string): CommonPasswords {
  const all = new Set<string>()
  let word = ''
  for (const [, length = '', rest = ''] of folded.matchAll(/([A-Z])([^A-Z\n]*)/g)) {
    word = word.slice(0, length.charCodeAt(0) - 65) + rest
    all.add(word)
  }
  return all
}

/** Whether it is one of the stems, however its letters are written. */
function isStem(core: string, common: CommonPasswords): boolean {
  if (common.has(core)) return true
  return ONES.some((one) =>
    common.has(core.replace(/[^a-z]/g, (sign) => (/[1!]/.test(sign) ? one : (LEET[sign] ?? sign)))),
  )
}

/** What may be left when digits and signs are taken off both ends; some of them may stand for letters. */
function* coresOf(folded: string): Generator<string> {
  yield folded
  const head = /^[^\p{L}\p{M}]*/u.exec(folded)?.[0].length ?? 0
  const tail = /[^\p{L}\p{M}]*$/u.exec(folded)?.[0].length ?? 0
  for (let before = 0; before <= Math.min(head, MAX_AFFIX); before++) {
    for (let behind = 0; behind <= Math.min(tail, MAX_AFFIX - before); behind++) {
      const core = folded.slice(before, folded.length - behind)
      if (before + behind <= MAX_AFFIX_OF_NUMBER || !/^\d*$/.test(core)) yield core
    }
  }
  // However long what is behind it goes on, if it only goes on.
  if (tail > MAX_AFFIX && isPattern(folded.slice(-tail))) yield folded.slice(0, -tail)
}
