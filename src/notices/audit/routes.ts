import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { listAllEvents, listOwnEvents } from './list-events.ts'
import { AuditPage, AuditQuery, OwnEventsQuery } from './schemas.ts'

export const auditEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/auth/events',
      operationId: 'listOwnEvents',
      tag: 'Sign-in',
      summary: 'What happened to my account',
      description: 'Sign-ins, failed attempts and changes, the newest first.',
      auth: 'session',
      query: OwnEventsQuery,
      answer: { status: 200, description: 'A page of events.', schema: AuditPage },
    },
    async (c, { query }) => listOwnEvents(c.get('ctx'), query),
  ),
  endpoint(
    {
      ...administration('audit:read'),
      method: 'get',
      path: '/admin/audit',
      operationId: 'listAuditEvents',
      summary: 'The audit log',
      query: AuditQuery,
      answer: { status: 200, description: 'A page of events.', schema: AuditPage },
      errors: ['forbidden'],
    },
    async (c, { query }) => listAllEvents(c.get('ctx'), query),
  ),
]
