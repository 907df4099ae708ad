import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { hashPassword } from '../../platform/crypto/password.ts'
import { deriveUsername } from './derive-username.ts'
import { foldName } from './folding.ts'
import { pluginNameFor } from './plugin-name.ts'
import { insertUser, type UserRow } from './queries.ts'
import type { RegisterInput } from './schemas.ts'

const MAX_NAME_ATTEMPTS = 5

/**
 * Registers a person. Provisioning of their plug-in user is recorded as an intent in the same
 * transaction and never makes registration fail.
 *
 * @throws {AppError} `registration_closed`, `username_taken`, `email_taken`
 */
export async function register(ctx: Ctx, input: z.output<typeof RegisterInput>): Promise<UserRow> {
  if (!ctx.config.ALLOW_REGISTRATION) {
    throw new AppError('registration_closed', 'Registration is closed on this server.')
  }
  const passwordHash = await hashPassword(input.password, ctx.random.bytes(16))
  const email = input.email ?? null

  for (let attempt = 0; attempt < MAX_NAME_ATTEMPTS; attempt++) {
    const username =
      input.username ?? deriveUsername(ctx.random, email?.split('@')[0] ?? '', attempt)
    const result = await insertUser(ctx.services.db, {
      username,
      usernameKey: foldName(username),
      email,
      emailKey: email && foldName(email),
      passwordHash,
      pluginName: pluginNameFor(ctx.random, username),
      now: new Date(ctx.clock.now()),
    })
    if ('user' in result) return result.user
    if (result.taken === 'email')
      throw new AppError('email_taken', 'This e-mail address is registered already.')
    if (input.username)
      throw new AppError('username_taken', 'This username is taken. Choose another one.')
  }
  throw new AppError('username_taken', 'No free username was found. Choose one yourself.')
}
