import type { Ctx } from '../../context.ts'
import { textStream } from '../../platform/http/text-stream.ts'
import { csvLine } from './csv.ts'
import { type Position, toCursor } from './cursor.ts'
import { readLogs } from './logs-queries.ts'
import { type LogSearch, type LogView, toView } from './read-logs.ts'
import { UsageLog } from './schemas.ts'

/** What one export holds at most. */
export const MAX_EXPORTED_ROWS = 50_000
const PAGE = 2_500
/** Pages can be short where few calls match; more than this many are not read. */
const MAX_PAGES = 100

const COLUMNS = Object.keys(UsageLog.shape) as (keyof LogView)[]

/**
 * Calls as CSV, newest first, read and written page by page. An export that ends before the calls do
 * says so in a last line that begins with `#`, with the cursor to go on from.
 */
export async function exportLogs(
  ctx: Ctx,
  { filter, after }: LogSearch,
): Promise<ReadableStream<Uint8Array>> {
  const { db } = ctx.services
  const read = (from: Position | null, rows: number) =>
    readLogs(db, filter, from, Math.min(PAGE, rows))
  // Read before the first byte, so that an outage is an answer of its own.
  let page = await read(after, MAX_EXPORTED_ROWS)

  async function* lines() {
    yield csvLine(COLUMNS)
    let written = 0
    for (let pages = 1; ; pages++) {
      written += page.rows.length
      if (page.rows.length > 0) yield page.rows.map((row) => csvLine(cellsOf(toView(row)))).join('')
      if (!page.next) return
      if (written >= MAX_EXPORTED_ROWS || pages >= MAX_PAGES) break
      page = await read(page.next, MAX_EXPORTED_ROWS - written)
    }
    yield `# This is not all: go on with cursor=${toCursor(page.next)}\r\n`
  }
  return textStream(lines())
}

function cellsOf(view: LogView) {
  return COLUMNS.map((column) => view[column])
}
