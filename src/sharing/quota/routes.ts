import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { listOutside, OutsideQuery, OutsideUse } from './drops/list-outside.ts'
import { listLedger } from './list-ledger.ts'
import { LedgerPage, LedgerQuery, Quotas } from './schemas.ts'
import { showQuotas } from './show-quotas.ts'

const tag = 'Quota'
const auth = { scope: 'read:quotas' } as const

export const quotaEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/quotas',
      operationId: 'getQuotas',
      tag,
      summary: 'What you may draw',
      description: 'The pools as they are now, with what they have recovered up to this moment.',
      auth,
      answer: { status: 200, description: 'Your pools.', schema: Quotas },
    },
    async (c) => showQuotas(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'get',
      path: '/quotas/ledger',
      operationId: 'listLedger',
      tag,
      summary: 'Why it is so much',
      description:
        'Every change of your pools, the newest first. For each pool the amounts add up to its balance.',
      auth,
      query: LedgerQuery,
      answer: { status: 200, description: 'A page of changes.', schema: LedgerPage },
    },
    async (c, { query }) => listLedger(c.get('ctx'), query),
  ),
  endpoint(
    {
      method: 'get',
      path: '/quotas/outside',
      operationId: 'listOutsideUse',
      tag,
      summary: 'What your accounts lost elsewhere',
      description:
        'What accounts of yours were seen to lose beyond what calls through this service can have used: your own use of them elsewhere, or calls that broke off. Nobody is charged for it. The newest first.',
      auth,
      query: OutsideQuery,
      answer: {
        status: 200,
        description: 'Each loss that was seen.',
        schema: z.object({ items: z.array(OutsideUse) }),
      },
    },
    async (c, { query }) => ({ items: await listOutside(c.get('ctx'), query) }),
  ),
]
