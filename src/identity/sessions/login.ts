import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type AuditEventName, recordSoon } from '../../notices/audit/index.ts'
import { verifyPassword } from '../../platform/crypto/password.ts'
import { untilMultiple } from '../../platform/quantum.ts'
import {
  asOf,
  findCandidates,
  foldName,
  type NameCandidates,
  type UserRow,
} from '../accounts/index.ts'
import { newGeneration } from './end-sessions.ts'
import { isLock, takeAttempt } from './lockout.ts'
import type { LoginInput } from './schemas.ts'
import { currentGeneration } from './store.ts'

/** Somebody whose password was right; `startSession` takes both. */
export interface CheckedPerson {
  user: UserRow
  /** If all sessions are ended from now on, none comes of this check any more. */
  generation: string
}

/**
 * Checks a name and a password. An unknown name costs the same work as a wrong password, is counted
 * like one and gets the same answer. By an address signs in whoever has confirmed it or was the last
 * to claim it: the work, the counting and the answer are the same whoever of them there is, so that
 * claiming an address does not tell whether it is somebody's. What a comparison costs depends on the
 * hash, which may come from another system: who is refused waits for a multiple of
 * `FAILED_LOGIN_SECONDS`, and holds nobody else up meanwhile.
 *
 * @throws {AppError} `invalid_credentials`, `account_locked`, `account_disabled`,
 *   `rate_limited` while as many attempts are under way as may be
 */
export async function checkPassword(
  ctx: Ctx,
  input: Pick<z.output<typeof LoginInput>, 'username' | 'email' | 'password'>,
): Promise<CheckedPerson> {
  const nameKey = foldName(input.email ?? input.username ?? '')
  const candidates = await findCandidates(ctx.services.db, nameKey)
  const { owner, claimant } = candidates
  const people = { ownerId: owner?.id, claimantId: claimant?.id }
  const taking = takeAttempt(ctx, nameKey, people).catch((error: unknown) => {
    if (isLock(error)) recordFailure(ctx, 'login.locked', candidates)
    throw error
  })
  const asking = [taking, generationOf(ctx, owner), generationOf(ctx, claimant)] as const
  const [attempt, ofOwner, ofClaimant] = await Promise.all(asking).catch((error: unknown) => {
    taking.then(({ release }) => release()).catch(() => undefined)
    throw error
  })
  let since = ctx.clock.now()
  const found = await attempt.settleBy(async () => {
    const compared = await findByPassword(ctx, candidates, input.password, nameKey.includes('@'))
    since = compared.since
    return compared.found
  })
  if (!found) {
    recordFailure(ctx, 'login.failed', candidates)
    await untilMultiple(ctx.clock, since, ctx.config.FAILED_LOGIN_SECONDS * 1000)
    throw new AppError('invalid_credentials', 'Wrong username or password.')
  }
  const user = asOf(found, ctx.clock.now())
  if (!user.isActive) {
    recordSoon(ctx, { event: 'login.failed', userId: user.id, outcome: 'failure' })
    throw new AppError('account_disabled', disabledWords(user))
  }
  return { user, generation: found === owner ? ofOwner : ofClaimant }
}

/** Whoever knows the password is told why and until when they are banned. */
function disabledWords({ bannedAt, bannedUntil, banReason }: UserRow): string {
  if (!bannedAt) return 'This account is disabled. Ask an administrator.'
  const until = bannedUntil ? ` until ${bannedUntil.toISOString()}` : ''
  return `This account is banned${until}${banReason ? `: ${banReason}` : '.'}`
}

/**
 * @param isAddress two people may be meant; whether there are two must not show in the time
 * @returns since when passwords have been compared: what the others' took before says nothing
 */
async function findByPassword(
  ctx: Ctx,
  { owner, claimant }: NameCandidates,
  password: string,
  isAddress: boolean,
): Promise<{ found: UserRow | null; since: number }> {
  let since: number | undefined
  const isOf = (user: UserRow | null) =>
    verifyPassword(password, user?.passwordHash ?? null, ctx.config.passwordCost, () => {
      since ??= ctx.clock.now()
    })
  const isOwner = await isOf(owner)
  const isClaimant = !isOwner && isAddress && (await isOf(claimant))
  const found = isOwner ? owner : isClaimant ? claimant : null
  return { found, since: since ?? ctx.clock.now() }
}

/** Asked for somebody unknown, too: the work is the same. */
function generationOf(ctx: Ctx, user: UserRow | null): Promise<string> {
  return currentGeneration(ctx.services.redis, user?.id ?? 0, {
    generation: newGeneration(ctx),
    ttlMs: ctx.config.sessionMaxSeconds * 1000,
  })
}

/** Whoever may have been meant reads of it, or else nobody. */
function recordFailure(ctx: Ctx, event: AuditEventName, people: NameCandidates): void {
  const ids = [people.owner?.id, people.claimant?.id].filter((id) => id !== undefined)
  for (const userId of ids.length > 0 ? ids : [null])
    recordSoon(ctx, { event, userId, outcome: 'failure' })
}
