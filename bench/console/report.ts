import { figure, table } from '../report/table.ts'
import type { PageResult } from './measure.ts'

/** The figures of the scenario, as Markdown. */
export function consoleReport(results: readonly PageResult[]): string {
  return table(
    ['page', 'seen after p50 ms', 'max ms', 'whole after p50 ms', 'max ms', 'KiB', 'requests'],
    results.map(({ page, isAgain, firstPaint, settled, bytes, requests }) => [
      isAgain ? `${page} again` : page,
      figure(firstPaint.p50),
      figure(firstPaint.max),
      figure(settled.p50),
      figure(settled.max),
      figure(bytes / 1024),
      String(requests),
    ]),
  )
}
