import { HttpError } from './errors.ts'
import type { OutputOptions } from './request.ts'
import type { Query, SqlRequest, StatementResult } from './types.ts'
import { type Json, toJson } from './values.ts'

/** Bytes of rows that one response may carry; Neon's own limit. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024

/** The JSON body of a successful answer: one result, or `results` for a batch. */
export function successBody(
  request: SqlRequest,
  results: StatementResult[],
  output: OutputOptions,
): string {
  const shapes = results.map((result, i) => shapeOf(result, request.queries[i]!, output))
  return JSON.stringify(request.batch ? { results: shapes } : shapes[0])
}

function shapeOf(result: StatementResult, query: Query, output: OutputOptions) {
  const { fields } = result
  const rows = result.rows.map((cells) => {
    const values = cells.map(
      (cell, i): Json =>
        cell === null || output.rawText ? cell : toJson(cell, fields[i]!.dataTypeID),
    )
    if (query.arrayMode) return values
    // Of columns with the same name the last one stays, as in any JSON object.
    return Object.fromEntries(values.map((value, i) => [fields[i]!.name, value]))
  })
  return {
    command: result.command,
    fields: fields.map((field) => ({ ...field, format: 'text' })),
    rowAsArray: query.arrayMode,
    rowCount: result.rowCount,
    rows,
  }
}

/**
 * Counts the rows of one request the way Neon's proxy does: the size of the DataRow messages.
 *
 * @returns a function to call with each result; it throws HttpError 507 once the limit is passed
 */
export function responseMeter(): (result: StatementResult) => void {
  let bytes = 0
  return (result) => {
    for (const row of result.rows) {
      bytes += 2
      for (const cell of row) bytes += 4 + (cell === null ? 0 : Buffer.byteLength(cell))
    }
    if (bytes > MAX_RESPONSE_BYTES) {
      throw new HttpError(507, `response is too large (max is ${MAX_RESPONSE_BYTES} bytes)`)
    }
  }
}
