import { figure, table } from '../report/table.ts'
import type { UsageStatsResult } from './measure.ts'

/** The figures of the scenario, as Markdown. */
export function usageStatsReport(result: UsageStatsResult): string {
  const count = (value: number) => value.toLocaleString('en')
  const { calls, people, days, database, heaviestCalls, rollUpMs, rollUpRows } = result
  return [
    table(
      ['asked over HTTP', 'p50 ms', 'p99 ms', 'max ms', 'KiB', 'status'],
      result.questions.map(({ path, p50, p99, max, bytes, status }) => [
        path,
        figure(p50),
        figure(p99),
        figure(max),
        figure(bytes / 1024),
        String(status),
      ]),
    ),
    `${count(calls)} calls of ${count(people)} people in ${days} days on ${database}; the asking person made ${count(heaviestCalls)} of them. Rolled up into ${count(rollUpRows)} rows in ${figure(rollUpMs / 1000)} s (${figure((rollUpMs * 1_000) / calls)} s for a million calls).`,
  ].join('\n\n')
}
