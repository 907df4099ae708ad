import {
  COMMON_PASSWORDS,
  passwordProblem,
  readStems,
} from '../../credentials/password-policy/index.ts'

const common = readStems(COMMON_PASSWORDS)

/** What is wrong with a password, in English, or null: the server's own rules. */
export const judgePassword = (
  password: string,
  owner: { username?: string; email?: string },
): string | null => passwordProblem(password, common, owner)
