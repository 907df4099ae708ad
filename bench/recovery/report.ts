import { figure } from '../report/table.ts'
import type { RecoveryResult } from './measure.ts'

/** The figures of the scenario, in words. */
export function recoveryReport(result: RecoveryResult): string {
  const count = (value: number) => value.toLocaleString('en')
  const { database, people, pools, firstMs, firstChanged, statements } = result
  return [
    `Recovery of ${count(pools)} pools of ${count(people)} people on ${database}, five hours behind: ${count(firstChanged)} written in ${figure(firstMs / 1000)} s, in ${count(statements)} statements.`,
    `Once more: ${count(result.secondChanged)} written in ${figure(result.secondMs / 1000)} s. Every pool agrees with the ledger.`,
  ].join('\n\n')
}
