import type { Ctx } from '../../../context.ts'
import { modelFacts } from '../../../metering/catalog/index.ts'
import { EMPTY, INTERRUPTED, storableCount, type UsageRow } from '../../../metering/usage/index.ts'
import type { KeyBudget } from '../admission/demands.ts'
import type { Claim } from '../claims/claims.ts'
import { chargeOf, isMeteredByTokens } from '../metering.ts'
import type { Consumer } from './consumption.ts'
import type { SettledRow } from './settlement-queries.ts'

/** A call that is over, and what it held. */
export interface EndedCall {
  row: UsageRow
  /** The connection to the AI service was cut: it may go on. */
  isCut: boolean
  claims: readonly Claim[]
  /** What its key may use, which has become less. */
  budgets: readonly KeyBudget[]
  /** Null where the person has no plug-in key. */
  consumer: Consumer | null
  /** Whether Redis has been told that the call is under way. */
  hasLease: boolean
}

/** Errors of ours after which the AI service may go on, and charge. */
const LATE_ERRORS: readonly string[] = ['client_gone', 'upstream_timeout', INTERRUPTED]

/** Whether the call may have used something, and whether the plug-in knows by now. */
export function useOf({ status, errorCode }: UsageRow, isCut = false): 'known' | 'late' | 'none' {
  if (errorCode === null || errorCode === EMPTY) return 'known'
  if (isCut) return 'late'
  // An answer that had begun is an error only on its stream.
  return LATE_ERRORS.includes(errorCode) || status === 200 ? 'late' : 'none'
}

/**
 * The row with what it is charged by.
 *
 * @param isCut the connection to the AI service was cut, or it is not known that it was not
 */
export async function toSettledRow(
  ctx: Pick<Ctx, 'config' | 'clock' | 'services' | 'waitUntil'>,
  row: UsageRow,
  isCut = false,
): Promise<SettledRow> {
  const tokens = (row.promptTokens ?? 0) + (row.completionTokens ?? 0)
  const use = useOf(row, isCut)
  const known = { mayHaveUsed: use !== 'none', isFinal: use !== 'late', tokens }
  if (row.model === null) return { ...row, ...known, group: null, charge: 0 }
  const facts = await modelFacts(ctx, row.model)
  const isByTokens = isMeteredByTokens(ctx)
  return {
    ...row,
    ...known,
    group: facts.group,
    charge: isByTokens ? storableCount(chargeOf(ctx, facts, tokens)) : null,
  }
}
