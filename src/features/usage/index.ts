export { openCall } from './open-call.ts'
export type { UsageRow } from './row.ts'
export { settleStragglers } from './stragglers.ts'
export { LAST_WRITTEN_DAY, noteUsageWritten } from './written-day.ts'
