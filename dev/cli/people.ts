import { systemContext } from './system-context.ts'
import { type Target, UsageError } from './target.ts'

const {
  createUser: create,
  CreateUserInput,
  updateUser,
} = await import('../../src/identity/administration/index.ts')
const { findUserByName, foldName } = await import('../../src/identity/accounts/index.ts')
const { AppError } = await import('../../src/errors.ts')

/** Somebody as the command line knows them. */
export interface NamedPerson {
  username?: string | undefined
  email?: string | undefined
  password: string
}

/**
 * Makes a person of any role in a deployment's database: the way to the first administrator.
 *
 * @throws {UsageError} in one line
 */
export async function createUser(
  target: Target,
  person: NamedPerson & { role: string },
): Promise<{ id: number; username: string; role: string }> {
  const ctx = systemContext(target, 'cli.create-user')
  const input = CreateUserInput.safeParse({
    username: person.username,
    email: person.email,
    password: person.password,
    role: person.role,
    is_verified: person.email !== undefined,
  })
  if (!input.success) {
    const [issue] = input.error.issues
    throw new UsageError(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const user = await explained(() => create(ctx, input.data))
  await ctx.finish()
  return { id: user.id, username: user.username, role: user.role }
}

/**
 * Gives a person a new password and ends their sessions.
 *
 * @throws {UsageError} in one line
 */
export async function resetPassword(
  target: Target,
  person: NamedPerson,
): Promise<{ id: number; username: string }> {
  const { ctx, user } = await findPerson(target, person, {
    job: 'cli.reset-password',
    reason: 'the sessions of the old password have to end',
  })
  const changed = await explained(() => updateUser(ctx, user.id, { password: person.password }))
  await ctx.finish()
  return { id: changed.id, username: changed.username }
}

/**
 * Lets somebody in again who is banned or switched off: also the last administrator, whom nobody could
 * help through the API.
 *
 * @throws {UsageError} in one line
 */
export async function restoreUser(
  target: Target,
  person: Omit<NamedPerson, 'password'>,
): Promise<{ id: number; username: string }> {
  const { ctx, user } = await findPerson(target, person, {
    job: 'cli.restore-user',
    reason: 'what the Worker remembers of the person has to be forgotten',
  })
  const changed = await explained(() => updateUser(ctx, user.id, { is_active: true }))
  await ctx.finish()
  return { id: changed.id, username: changed.username }
}

/** Whether the database has somebody of that name. */
export async function isThere(
  target: Target,
  { username }: { username: string },
): Promise<boolean> {
  const ctx = systemContext(target, 'cli.is-there')
  const user = await explained(() => findUserByName(ctx.services.db, foldName(username)))
  return user?.username === username
}

async function findPerson(
  target: Target,
  { username, email }: Omit<NamedPerson, 'password'>,
  { job, reason }: { job: string; reason: string },
) {
  if (!target.redis)
    throw new UsageError(`Set UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, too: ${reason}`)
  const ctx = systemContext(target, job)
  const name = username ?? email ?? ''
  const user = await explained(() => findUserByName(ctx.services.db, foldName(name)))
  if (!user) throw new UsageError(`There is nobody called ${name}`)
  return { ctx, user }
}

async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message, error.code)
    // Messages of the database driver can carry parameters.
    throw new UsageError(
      `The database did not take it (${error instanceof Error ? error.name : 'error'}). Is it reachable, and are the migrations applied?`,
    )
  }
}
