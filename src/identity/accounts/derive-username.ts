import type { Random } from '../../platform/random.ts'
import { nameProblem } from './name-rules.ts'

const MAX_BASE_LENGTH = 40
const MIN_LENGTH = 3
const SUFFIX_LENGTH = 6

/**
 * Makes a valid user name of a wish that may be anything.
 *
 * @param wish e.g. a handle elsewhere, or the local part of an address
 * @param attempt 0 at first; later ones get a random suffix, since the wish was taken
 */
export function deriveUsername(random: Random, wish: string, attempt: number): string {
  const valid = wish
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, '-')
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    // Once more: what has been taken out may have stood between a letter and its accent.
    .normalize('NFC')
  const base = cut(valid === '' || nameProblem(valid) ? 'user' : valid)
  const needsSuffix = attempt > 0 || [...base].length < MIN_LENGTH
  // Digits belong to every script.
  const suffix = () => random.uuid().replace(/\D/g, '').slice(0, SUFFIX_LENGTH)
  const name = needsSuffix ? `${base}-${suffix()}` : base
  return nameProblem(name) ? `user-${suffix()}` : name
}

/** By code points, so that no character is cut in half. */
function cut(text: string): string {
  let base = ''
  for (const character of text) {
    if (base.length + character.length > MAX_BASE_LENGTH) break
    base += character
  }
  return base
}
