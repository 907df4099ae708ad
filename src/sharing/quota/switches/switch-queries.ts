import { and, asc, eq, inArray, isNotNull, lte, sql } from 'drizzle-orm'
import type { Database } from '../../../db/client.ts'
import { modelSwitches } from '../../../db/schema/index.ts'

/** A model of an account that came to its end. */
export interface EndedModel {
  cookieId: string
  model: string
}

/** Writes down that models came to their end; what their owner has said stays. */
export async function noteEnded(
  db: Database,
  ended: readonly EndedModel[],
  lookAt: Date,
): Promise<void> {
  if (ended.length === 0) return
  await db
    .insert(modelSwitches)
    .values(ended.map((each) => ({ ...each, by: 'end' as const, lookAt })))
    .onConflictDoNothing()
}

/** Writes down that an owner leaves a model out, or uses it again. */
export async function noteOwners(db: Database, of: EndedModel, isOff: boolean): Promise<void> {
  if (!isOff) {
    await db.delete(modelSwitches).where(isOf(of))
    return
  }
  const off = { by: 'owner' as const, lookAt: null, attempts: 0 }
  await db
    .insert(modelSwitches)
    .values({ ...of, ...off })
    .onConflictDoUpdate({ target: [modelSwitches.cookieId, modelSwitches.model], set: off })
}

/** Which models of an account its owner leaves out. */
export async function ownersOff(db: Database, cookieId: string): Promise<Set<string>> {
  const rows = await db
    .select({ model: modelSwitches.model })
    .from(modelSwitches)
    .where(and(eq(modelSwitches.cookieId, cookieId), eq(modelSwitches.by, 'owner')))
  return new Set(rows.map(({ model }) => model))
}

/** Takes the right to look at the accounts that are due; nobody else does up to `until`. */
export async function claimEnded(
  db: Database,
  now: Date,
  until: Date,
  limit: number,
): Promise<{ cookieId: string; attempts: number }[]> {
  const due = db
    .select({ cookieId: modelSwitches.cookieId })
    .from(modelSwitches)
    .where(lte(modelSwitches.lookAt, now))
    .orderBy(asc(modelSwitches.lookAt))
    .limit(limit)
    .for('update', { skipLocked: true })
  const rows = await db
    .update(modelSwitches)
    .set({ attempts: sql`${modelSwitches.attempts} + 1`, lookAt: until })
    .where(and(inArray(modelSwitches.cookieId, due), isNotNull(modelSwitches.lookAt)))
    .returning({ cookieId: modelSwitches.cookieId, attempts: modelSwitches.attempts })
  return [...new Map(rows.map((row) => [row.cookieId, row])).values()]
}

/** What of an account still has nothing is looked at again at that moment; the rest is over. */
export async function endLooks(
  db: Database,
  cookieId: string,
  still: readonly string[],
  lookAt: Date,
): Promise<void> {
  const ended = and(eq(modelSwitches.cookieId, cookieId), eq(modelSwitches.by, 'end'))
  if (still.length === 0) {
    await db.delete(modelSwitches).where(ended)
    return
  }
  const models = [...still]
  await db.batch([
    db.delete(modelSwitches).where(and(ended, sql`not (${inArray(modelSwitches.model, models)})`)),
    db.update(modelSwitches).set({ lookAt, attempts: 0 }).where(ended),
  ])
}

/** Puts a look off that came to nothing. */
export async function postponeEnded(db: Database, cookieId: string, lookAt: Date): Promise<void> {
  await db
    .update(modelSwitches)
    .set({ lookAt })
    .where(and(eq(modelSwitches.cookieId, cookieId), isNotNull(modelSwitches.lookAt)))
}

/** When to look again; null: nothing is off. */
export async function nextEndedAt(db: Database): Promise<Date | null> {
  const [row] = await db
    .select({ at: modelSwitches.lookAt })
    .from(modelSwitches)
    .where(isNotNull(modelSwitches.lookAt))
    .orderBy(asc(modelSwitches.lookAt))
    .limit(1)
  return row?.at ?? null
}

const isOf = ({ cookieId, model }: EndedModel) =>
  and(eq(modelSwitches.cookieId, cookieId), eq(modelSwitches.model, model))
