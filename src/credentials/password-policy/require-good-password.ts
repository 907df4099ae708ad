import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type PasswordOwner, passwordProblem } from './check-password.ts'

/**
 * @param path the field of the request that holds the password
 * @throws {AppError} `validation_failed`, which says what to change; `service_unavailable`
 */
export async function requireGoodPassword(
  { config, services }: Pick<Ctx, 'config' | 'services'>,
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
