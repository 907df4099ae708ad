import * as z from 'zod'
import { auditEvents } from '../../db/schema/index.ts'
import { createBacklog } from '../../platform/backlog.ts'
import { errorName, type LogFields, type Logger } from '../../platform/logger.ts'

const Moment = z.iso.datetime()

/** An event on its way to the audit log, and the mail about it to whom it concerns. */
export const KeptEvent = z.object({
  id: z.uuid(),
  at: Moment,
  event: z.string(),
  outcome: z.enum(auditEvents.outcome.enumValues),
  userId: z.int().nullable(),
  actorUserId: z.int().nullable(),
  actorType: z.enum(auditEvents.actorType.enumValues),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string(),
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .nullable(),
  mail: z
    .object({
      id: z.uuid(),
      kind: z.string(),
      /** Sealed. */
      contentCiphertext: z.string(),
      now: Moment,
      expiresAt: Moment,
    })
    .nullable(),
})
export type KeptEvent = z.output<typeof KeptEvent>

/** Events that PostgreSQL has not taken yet. */
export const auditBacklog = createBacklog('audit:backlog', KeptEvent)

/** The last resort: whoever runs the service can write the row by hand. */
export function logEvent(
  { logger }: { logger: Logger },
  { mail, details, event, ...row }: KeptEvent,
  error: unknown,
): void {
  const facts: LogFields = {
    ...row,
    audit_event: event,
    details: details && JSON.stringify(details),
    mail_kind: mail?.kind,
  }
  logger.log('error', 'audit_row_not_written', { ...facts, error: errorName(error) })
}
