import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { ROLES } from '../../db/schema/users.ts'
import { AppError } from '../../errors.ts'
import { createSnapshot } from '../../platform/snapshot.ts'
import { findPerson } from './queries.ts'

const SNAPSHOT_SECONDS = 3_600

export const Person = z.object({
  userId: z.int(),
  username: z.string(),
  role: z.enum(ROLES),
  trustLevel: z.int(),
  isActive: z.boolean(),
  /** When the ban that makes them inactive ends, in milliseconds since the epoch; null: no ban, or for good. */
  banEndsAt: z.number().nullable(),
  isSilenced: z.boolean(),
  pluginKeyCiphertext: z.string().nullable(),
})

/** What every credential of one person shares; a change to it acts on all of them at once. */
export type Person = z.output<typeof Person>

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
