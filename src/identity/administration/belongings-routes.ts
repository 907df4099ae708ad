import * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import {
  LedgerPage,
  LedgerQuery,
  listLedger,
  Quotas,
  showQuotas,
} from '../../sharing/quota/index.ts'
import { ApiKey, showKeys } from '../api-keys/index.ts'
import { listSessions, Session } from '../sessions/index.ts'
import type { AdminUserRow } from './queries.ts'
import { readUser } from './read-users.ts'
import { UserId } from './schemas.ts'

/**
 * Something that one person has, in the form in which they see it themselves.
 *
 * @param read asked once it is known that the caller may see people, and that there is this one
 */
function belonging<Query extends z.ZodType, Answer extends z.ZodType>(
  name: string,
  operationId: string,
  summary: string,
  schema: Answer,
  read: (ctx: Ctx, person: AdminUserRow, query: z.output<Query>) => Promise<z.input<Answer>>,
  query?: Query,
): Endpoint {
  return endpoint(
    {
      ...administration('users:read'),
      method: 'get',
      path: `/admin/users/:id/${name}`,
      operationId,
      summary,
      params: UserId,
      ...(query && { query }),
      answer: { status: 200, description: 'As the person sees it.', schema },
      errors: ['forbidden', 'not_found'],
    },
    async (c, { params, query: asked }) => {
      const ctx = c.get('ctx')
      return read(ctx, await readUser(ctx, params.id), asked as z.output<Query>)
    },
  )
}

/** What one person has, for those who help them; nothing here gives a secret away. */
export const belongingsEndpoints: Endpoint[] = [
  belonging(
    'sessions',
    'listUserSessions',
    'Where a person is signed in',
    z.array(Session),
    (ctx, { id }) => listSessions(ctx, id),
  ),
  belonging('api-keys', 'listUserApiKeys', "A person's keys", z.array(ApiKey), (ctx, { id }) =>
    showKeys(ctx, id),
  ),
  belonging(
    'quotas',
    'getUserQuotas',
    'What a person may draw, and how many accounts they have brought',
    Quotas,
    (ctx, { id, trustLevel }) => showQuotas(ctx, { userId: id, trustLevel }),
  ),
  belonging(
    'ledger',
    'listUserLedger',
    "Every change of a person's pools",
    LedgerPage,
    (ctx, { id }, query: z.output<typeof LedgerQuery>) => listLedger(ctx, query, id),
    LedgerQuery,
  ),
]
