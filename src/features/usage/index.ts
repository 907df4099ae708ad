export type { UsageRow } from './queries.ts'
export { recordUsage } from './record.ts'
