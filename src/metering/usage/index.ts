export {
  abandonedCalls,
  dropOpenCalls,
  keepRows,
  openCalls,
  usageBacklog,
} from './backlog.ts'
export { Batch, type BatchCtx } from './batch.ts'
export { logRow } from './log-row.ts'
export { noteClosed, openCall } from './open-call.ts'
export { EMPTY, INTERRUPTED, storableCount, type UsageRow } from './row.ts'
export { LAST_WRITTEN_DAY, noteUsageWritten } from './written-day.ts'
