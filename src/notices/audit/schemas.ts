import * as z from 'zod'
import { IdInput } from '../../platform/http/id-input.ts'
import { AUDIT_EVENTS } from './events.ts'

const MAX_ID = Number.MAX_SAFE_INTEGER

export const AuditEventView = z
  .object({
    id: z.int(),
    at: z.iso.datetime(),
    event: z.string(),
    outcome: z.enum(['success', 'failure']),
    user_id: z.int().nullable().describe('Whom it concerns.'),
    actor_user_id: z.int().nullable().describe('Who did it.'),
    actor_type: z.string(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    request_id: z.string(),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .nullable(),
  })
  .meta({ id: 'AuditEvent' })

export const AuditPage = z
  .object({
    items: z.array(AuditEventView),
    next_cursor: z.string().nullable().describe('Give it as "cursor" to read on; null at the end.'),
  })
  .meta({ id: 'AuditPage' })

const cursor = z
  .string()
  .regex(/^\d{1,16}$/, 'Give a "next_cursor" of an earlier answer.')
  .transform(Number)
  .pipe(z.int().positive().max(MAX_ID))

export const OwnEventsQuery = z.object({
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const AuditQuery = OwnEventsQuery.extend({
  user_id: IdInput.optional(),
  event: z.enum(AUDIT_EVENTS).optional(),
  outcome: z.enum(['success', 'failure']).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
})
