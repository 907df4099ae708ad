import type { Ctx } from '../../context.ts'
import type { Statement } from '../../db/batch.ts'
import type { Role } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { foldName } from './folding.ts'
import { insertUser, type NewPersonRefs, type UserRow } from './queries.ts'

const MAX_NAME_ATTEMPTS = 5
/** The plug-in allows 100 characters; a UUID and its separator take 37 of them. */
const PLUGIN_NAME_PREFIX_LENGTH = 60

interface AddUserInput {
  /** Derived from the e-mail address when absent. */
  username?: string | undefined
  email?: string | undefined
  passwordHash: string | null
  role?: Role
  trustLevel?: number
  emailVerifiedAt?: Date | null
}

/**
 * Adds a person with the intent to provision a plug-in user; shared by registration, administrators,
 * the command line and first sign-ins through a provider.
 *
 * @param alongside what else belongs to the same transaction
 * @throws {AppError} `username_taken`, `email_taken`
 */
export async function addUser(
  ctx: Pick<Ctx, 'services' | 'clock' | 'random'>,
  input: AddUserInput,
  alongside?: (person: NewPersonRefs) => (Statement | null)[],
): Promise<UserRow> {
  const { username: wanted, ...columns } = input
  const email = input.email ?? null
  for (let attempt = 0; attempt < MAX_NAME_ATTEMPTS; attempt++) {
    const username = wanted ?? deriveUsername(ctx, email ?? '', attempt)
    const result = await insertUser(
      ctx.services.db,
      {
        ...columns,
        username,
        usernameKey: foldName(username),
        email,
        emailKey: email && foldName(email),
        pluginName: `${username.slice(0, PLUGIN_NAME_PREFIX_LENGTH)}.${ctx.random.uuid()}`,
        now: new Date(ctx.clock.now()),
      },
      alongside,
    )
    if ('user' in result) return result.user
    if (result.taken === 'email')
      throw new AppError('email_taken', 'This e-mail address is registered already.')
    if (wanted) throw new AppError('username_taken', 'This username is taken. Choose another one.')
  }
  throw new AppError('username_taken', 'No free username was found. Choose one yourself.')
}

/** The local part of the address, made a valid user name; a random suffix after the first attempt. */
function deriveUsername(ctx: Pick<Ctx, 'random'>, email: string, attempt: number): string {
  const local = (email.split('@')[0] ?? '')
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  const base = (local || 'user').slice(0, 40)
  const needsSuffix = attempt > 0 || base.length < 3
  return needsSuffix ? `${base}-${ctx.random.uuid().slice(0, 6)}` : base
}
