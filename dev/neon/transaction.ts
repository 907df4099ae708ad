import { HttpError, SqlError } from './errors.ts'
import { responseMeter } from './response.ts'
import type { BatchOptions, Session, SqlRequest, StatementResult } from './types.ts'

const ISOLATION_SQL = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE',
} as const

/**
 * Runs the queries of a request in a session that is idle. A single query runs as it is; a batch
 * runs between BEGIN and COMMIT. On an error the caller must roll back: that is what it does after
 * every request anyway.
 *
 * @throws SqlError from a query, or from COMMIT (deferred constraints, serialization failures);
 *   HttpError 507 if the rows are too many, 499 if the client left before COMMIT
 */
export async function runQueries(
  session: Session,
  request: SqlRequest,
  signal: AbortSignal,
): Promise<StatementResult[]> {
  const meter = responseMeter()
  const results: StatementResult[] = []
  if (request.batch) await session.execute(beginStatement(request.batch))
  for (const query of request.queries) {
    assertPresent(signal)
    refuseCopy(query.text)
    const result = await session.execute(query.text, query.params)
    meter(result)
    results.push(result)
  }
  if (request.batch) {
    assertPresent(signal)
    await session.execute('COMMIT')
  }
  return results
}

function beginStatement(batch: BatchOptions): string {
  const parts = ['BEGIN']
  if (batch.isolationLevel) parts.push(`ISOLATION LEVEL ${ISOLATION_SQL[batch.isolationLevel]}`)
  if (batch.readOnly) parts.push('READ ONLY')
  if (batch.deferrable) parts.push('DEFERRABLE')
  return parts.join(' ')
}

function assertPresent(signal: AbortSignal): void {
  if (signal.aborted) throw new HttpError(499, 'the client closed the connection')
}

/** The HTTP protocol has no stream to copy from or to, and PGlite does not survive the attempt. */
function refuseCopy(text: string): void {
  if (/^copy\b[\s\S]*\b(stdin|stdout)\b/i.test(withoutLeadingComments(text))) {
    throw new SqlError('COPY FROM STDIN and COPY TO STDOUT are not supported over HTTP', {
      code: '0A000',
      severity: 'ERROR',
    })
  }
}

/** The statement from its first word on. */
export function withoutLeadingComments(text: string): string {
  return text.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}
