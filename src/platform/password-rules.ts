/** What a new password must have anywhere, in characters, and what it must have unless it is set lower. */
export const LEAST_PASSWORD_LENGTH = 6
export const USUAL_PASSWORD_LENGTH = 8

/** What a deployment asks of a new password. */
export interface PasswordRules {
  /** In characters. */
  minLength: number
  /** Common passwords, patterns and names are taken, too. */
  isLengthAlone: boolean
}
