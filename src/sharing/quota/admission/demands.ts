import type { Ctx, Person } from '../../../context.ts'
import type { Demand, Thing } from '../claims/claims.ts'
import { poolThing } from '../pools/publish-pools.ts'

/** What a key may still use in a day or a month. */
export interface KeyBudget {
  thing: Thing
  apiKeyId: number
  /** In 1/10,000 unit. */
  limit: number
  /** Beginning and end, in milliseconds since the epoch. */
  from: number
  until: number
}

/** The budgets that the person's key has of its own. */
export function budgetsOf(person: Person, now: number): KeyBudget[] {
  if (person.type !== 'api_key') return []
  const { apiKeyId, limits } = person
  if (limits.quotaPerDay === null && limits.quotaPerMonth === null) return []
  const date = new Date(now)
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const budget = (limit: number | null, from: number, until: number): KeyBudget[] => {
    if (limit === null) return []
    const key = `key-quota:${apiKeyId}:${from}-${until}:${limit}`
    return [{ thing: { key, capacity: null }, apiKeyId, limit, from, until }]
  }
  return [
    ...budget(limits.quotaPerDay, Date.UTC(year, month, day), Date.UTC(year, month, day + 1)),
    ...budget(limits.quotaPerMonth, Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)),
  ]
}

/** A person's calls under way. */
export function callsThing({ config }: Pick<Ctx, 'config'>, person: Person): Thing {
  const { guest, person: others } = config.concurrencyLimits
  return {
    key: `inflight:${person.userId}`,
    capacity: person.role === 'guest' ? guest : others,
  }
}

/**
 * What a call needs, in the order in which a refusal is told.
 *
 * @param estimate in 1/10,000 unit
 */
export function demandsOf(
  ctx: Pick<Ctx, 'config'>,
  person: Person,
  group: string,
  estimate: number,
  now: number,
): Demand[] {
  return [
    { thing: callsThing(ctx, person), amount: 1 },
    ...budgetsOf(person, now).map(({ thing }) => ({ thing, amount: estimate })),
    { thing: poolThing(person.userId, group), amount: estimate },
  ]
}
