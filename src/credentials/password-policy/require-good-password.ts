import { AppError } from '../../errors.ts'
import type { PasswordRules } from '../../platform/password-rules.ts'
import { type PasswordOwner, passwordProblem } from './check-password.ts'
import type { CommonPasswords } from './common.ts'

/** Of a verb's context; no more, so that the console can have the rules without the rest of it. */
interface PolicyCtx {
  config: { passwordRules: PasswordRules }
  services: { commonPasswords: () => Promise<CommonPasswords> }
}

/**
 * @param path the field of the request that holds the password
 * @throws {AppError} `validation_failed`, which says what to change; `service_unavailable`
 */
export async function requireGoodPassword(
  { config, services }: PolicyCtx,
  password: string,
  owner: PasswordOwner,
  path: string,
): Promise<void> {
  const message = passwordProblem(
    password,
    await services.commonPasswords(),
    owner,
    config.passwordRules,
  )
  if (message) throw new AppError('validation_failed', message, { errors: [{ path, message }] })
}
