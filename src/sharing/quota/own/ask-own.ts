import * as z from 'zod'
import type { Ctx } from '../../../context.ts'
import { modelFacts } from '../../../metering/catalog/index.ts'
import { mapBounded } from '../../../platform/bounded.ts'
import { callAsPerson, Flag, isUsable, pluginPath } from '../../plugin/index.ts'
import type { ListedFlags } from '../pools/listed-accounts.ts'
import { QuotaRow } from '../reserve/low-models.ts'
import { wakeModels } from '../switches/wake.ts'
import { ALL_GROUPS } from './serving.ts'

/** The plug-in asks upstream. */
const TIMEOUT_MS = 8_000
/** Of more accounts than these nobody is asked: one of them will do. */
const MAX_ASKED = 4

const Preferring = z.object({ prefer_shared: Flag })

/**
 * Asks the plug-in which groups the person's own accounts do not serve now.
 *
 * @param accounts all of theirs, as the plug-in lists them
 * @returns null where they have none of their own
 * @throws {AppError} `upstream_error`, `upstream_timeout` where it cannot be found out
 */
export async function askOwn(ctx: Ctx, accounts: readonly ListedFlags[]): Promise<string[] | null> {
  const own = accounts.filter((account) => account.is_shared === 0 && isUsable(account))
  if (own.length === 0) return null
  const [preference, read] = await Promise.all([
    callAsPerson(ctx, { method: 'GET', path: '/api/user/me' }, Preferring),
    mapBounded(own.slice(0, MAX_ASKED), MAX_ASKED, async ({ cookie_id }) => {
      const path = pluginPath`/api/accounts/${cookie_id}/quotas`
      const request = { method: 'GET', path, timeoutMs: TIMEOUT_MS } as const
      const rows = await callAsPerson(ctx, request, z.array(QuotaRow))
      return wakeModels(ctx, (asked, schema) => callAsPerson(ctx, asked, schema), cookie_id, rows)
    }),
  ])
  if (preference.prefer_shared === 1) return [ALL_GROUPS]
  // The plug-in takes an account for usable of which it knows nothing for a model.
  const models = new Set(read.flatMap((rows) => rows.map(({ model_name }) => model_name)))
  const spent = new Set<string>()
  for (const model of models) {
    if (read.some((rows) => serves(rows, model))) continue
    spent.add((await modelFacts(ctx, model)).group)
  }
  return [...spent].sort()
}

function serves(rows: readonly QuotaRow[], model: string): boolean {
  const row = rows.find(({ model_name }) => model_name === model)
  return row === undefined || (row.status === 1 && (row.quota ?? 0) > 0)
}
