import type { Database } from '../../../db/client.ts'
import type { KeyBudget } from './demands.ts'
import { keyUseSince } from './key-use-queries.ts'

/**
 * What is left of budgets, for the gate, by the key of their hash. A copy is numbered by what has been
 * used, which only grows.
 *
 * @param epoch of now
 */
export async function budgetCopies(
  db: Database,
  budgets: readonly KeyBudget[],
  epoch: string,
): Promise<Map<string, string>> {
  const copies = budgets.map(
    async ({ thing, apiKeyId, from, limit }): Promise<[string, string]> => {
      const used = await keyUseSince(db, apiKeyId, new Date(from))
      return [thing.key, `${[limit - used, 0, 0, 0, used, 0, 0].join(':')}@${epoch}`]
    },
  )
  return new Map(await Promise.all(copies))
}
