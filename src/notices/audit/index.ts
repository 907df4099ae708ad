export type { AuditEvent, AuditEventName } from './events.ts'
export { toView as toAuditView } from './list-events.ts'
export {
  auditRow,
  auditRowAbout,
  auditRowFor,
  auditRowIf,
  listEvents as listAuditEvents,
} from './queries.ts'
export { record, recordSoon } from './record.ts'
export { expireAuditEvents } from './retention.ts'
export { auditEndpoints } from './routes.ts'
export { AuditEventView } from './schemas.ts'
export { writeKeptEvents } from './write-kept.ts'
