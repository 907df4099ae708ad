import { figure, table } from '../report/table.ts'
import type { AdmissionCost } from './measure.ts'

/** The figures of the scenario, as Markdown. */
export function admissionReport(costs: readonly AdmissionCost[]): string {
  return table(
    [
      'admission and settlement of a call',
      'Redis: waited for',
      'in all',
      'SQL: waited for',
      'in all',
      'CPU ms/1,000',
      'stores ms/1,000',
      'failed',
    ],
    costs.map((cost) => [
      cost.title,
      figure(cost.redisWaited, 2),
      figure(cost.redis, 2),
      figure(cost.databaseWaited, 2),
      figure(cost.database, 2),
      figure(cost.cpuMs * 1000),
      figure(cost.storesCpuMs * 1000),
      String(cost.failed),
    ]),
  )
}
