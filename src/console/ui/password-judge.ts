import { passwordProblem } from '../../credentials/password-policy/check-password.ts'
import { readStems } from '../../credentials/password-policy/common.ts'
import { COMMON_PASSWORDS } from '../../credentials/password-policy/common-passwords.ts'

const common = readStems(COMMON_PASSWORDS)

/** What is wrong with a password, in English, or null: the server's own rules. */
export const judgePassword = (
  password: string,
  owner: { username?: string; email?: string },
): string | null => passwordProblem(password, common, owner)
