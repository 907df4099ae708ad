import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { createSnapshot } from '../../platform/snapshot.ts'
import { findPerson } from './queries.ts'
import { Person } from './schemas.ts'

const SNAPSHOT_SECONDS = 3_600

export const personSnapshot = createSnapshot('person', Person, SNAPSHOT_SECONDS)

/** Reads the person from PostgreSQL and leaves a copy for the gate. Null when there is no such person. */
export async function loadPerson(
  ctx: Pick<Ctx, 'services' | 'waitUntil'>,
  userId: number,
): Promise<Person | null> {
  const person = await findPerson(ctx.services.db, userId)
  if (person) ctx.waitUntil(personSnapshot.fill(ctx.services.redis, userId, person))
  return person
}

/**
 * Lets only somebody active pass. A ban ends at its moment, whether or not anybody
 * has written that down yet.
 *
 * @throws {AppError} `account_disabled`
 */
export function requireActive({ isActive, banEndsAt }: Person, nowMs: number): void {
  if (!isActive && (banEndsAt === null || banEndsAt > nowMs))
    throw new AppError('account_disabled', 'This account is disabled. Ask an administrator.')
}

/** What an actor carries of them. */
export function factsOf({
  isActive: _,
  banEndsAt: __,
  ...facts
}: Person): Omit<Person, 'isActive' | 'banEndsAt'> {
  return facts
}
