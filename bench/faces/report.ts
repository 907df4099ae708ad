import { figure, table } from '../report/table.ts'
import type { FaceCost } from './measure.ts'

/** At most so many times the chat's. */
const LIMIT = 1.35

/** The figures of the scenario, as Markdown. */
export function facesReport(costs: readonly FaceCost[]): string {
  return table(
    ['a stream of 200 events through', 'CPU ms', 'against chat', `at most ${LIMIT}`, 'failed'],
    costs.map(({ face, cpuMs, againstChat, failed }) => [
      face,
      figure(cpuMs),
      `${figure(againstChat)} ×`,
      againstChat <= LIMIT ? 'holds' : 'does not hold',
      String(failed),
    ]),
  )
}
