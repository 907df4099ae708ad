import type { Ctx } from '../../context.ts'
import type { Statement } from '../../db/batch.ts'
import type { Role } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { foldName } from '../../platform/folding.ts'
import { deriveUsername } from './derive-username.ts'
import { nameColumns } from './name-columns.ts'
import { insertUser, type NewPersonRefs, type UserRow } from './queries.ts'

const MAX_NAME_ATTEMPTS = 5
/** The plug-in allows 100 characters; a UUID and its separator take 37 of them. */
const PLUGIN_NAME_PREFIX_LENGTH = 60

interface AddUserInput {
  /** Derived when absent. */
  username?: string | undefined
  /** What it is derived from: any text; the e-mail address when absent. */
  usernameWish?: string | undefined
  email?: string | undefined
  passwordHash: string | null
  role?: Role
  trustLevel?: number
  emailVerifiedAt?: Date | null
  avatarUrl?: string | null
  isSilenced?: boolean
}

/**
 * Adds a person with the intent to provision a plug-in user; shared by registration, administrators,
 * the command line and first sign-ins through a provider.
 *
 * @param alongside what else belongs to the same transaction
 * @throws {AppError} `username_taken`; `email_taken` for an address that is to count as confirmed
 */
export async function addUser(
  ctx: Pick<Ctx, 'services' | 'clock' | 'random'>,
  input: AddUserInput,
  alongside?: (person: NewPersonRefs) => (Statement | null)[],
): Promise<UserRow> {
  const { username: wanted, usernameWish, ...columns } = input
  const email = input.email ?? null
  const wish = usernameWish ?? email?.split('@')[0] ?? ''
  for (let attempt = 0; attempt < MAX_NAME_ATTEMPTS; attempt++) {
    const username = wanted ?? deriveUsername(ctx.random, wish, attempt)
    const result = await insertUser(
      ctx.services.db,
      {
        ...columns,
        ...nameColumns(username),
        email,
        emailKey: email && foldName(email),
        pluginName: `${username.slice(0, PLUGIN_NAME_PREFIX_LENGTH)}.${ctx.random.uuid()}`,
        now: new Date(ctx.clock.now()),
      },
      alongside,
    )
    if ('user' in result) return result.user
    if (result.taken === 'email')
      throw new AppError('email_taken', 'Another account has this e-mail address.')
    if (wanted) throw new AppError('username_taken', 'This username is taken. Choose another one.')
  }
  throw new AppError('username_taken', 'No free username was found. Choose one yourself.')
}
