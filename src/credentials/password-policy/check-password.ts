import { type PasswordRules, USUAL_PASSWORD_LENGTH } from '../../platform/password-rules.ts'
import { type CommonPasswords, isCommon } from './common.ts'
import { isPattern, isShortUnit, repeatedUnit } from './patterns.ts'

const MAX_PASSWORD_LENGTH = 256
const USUAL_RULES: PasswordRules = { minLength: USUAL_PASSWORD_LENGTH, isLengthAlone: false }

/** Fewer different characters than this are a pattern, however long the password is. */
const MIN_DIFFERENT = 4
/** Shorter names are part of many words; longer ones give the password away. */
const MIN_NAME_LENGTH = 4
/** How much a name may make up of the password: what is left must be a password of its own. */
const MIN_REST_LENGTH = 6

/** What the password must have nothing to do with. */
export interface PasswordOwner {
  username?: string | null | undefined
  email?: string | null | undefined
}

/**
 * What is wrong with a password, or null. The rules are those of NIST SP 800-63B §3.1.1: length and
 * what an attacker tries first, no rules about kinds of characters.
 *
 * @param password lengths are counted in characters after NFC
 * @param common what is tried first
 * @param rules what this deployment asks for
 * @returns a sentence that says what to change
 */
export function passwordProblem(
  password: string,
  common: CommonPasswords,
  owner: PasswordOwner = {},
  { minLength, isLengthAlone } = USUAL_RULES,
): string | null {
  const normal = password.normalize('NFC')
  const length = [...normal].length
  if (length < minLength) return `Use at least ${minLength} characters; this has ${length}.`
  if (length > MAX_PASSWORD_LENGTH) return `Use at most ${MAX_PASSWORD_LENGTH} characters.`
  if (isLengthAlone) return null

  const folded = normal.normalize('NFKC').toLowerCase()
  if (new Set(folded).size < MIN_DIFFERENT)
    return `Use at least ${MIN_DIFFERENT} different characters.`
  const unit = repeatedUnit(folded)
  if (unit !== null && isShortUnit(unit)) return 'Do not repeat the same few characters.'
  for (const part of unit === null ? [folded] : [folded, unit]) {
    if (isPattern(part)) return 'Do not use a row of letters, digits or keys.'
    if (isCommon(part, common))
      return 'This is one of the most common passwords. Choose another one.'
  }
  if (isAboutOwner(folded, owner))
    return 'Do not build the password from your user name or e-mail address.'
  return null
}

function isAboutOwner(folded: string, { username, email }: PasswordOwner): boolean {
  const names = [username, email, email?.split('@')[0]]
    .map((name) => name?.normalize('NFKC').toLowerCase() ?? '')
    .filter((name) => name.length >= MIN_NAME_LENGTH)
  return names.some(
    (name) => folded.includes(name) && folded.replace(name, '').length < MIN_REST_LENGTH,
  )
}
