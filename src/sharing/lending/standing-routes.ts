import * as z from 'zod'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { IdInput, MAX_ID } from '../../platform/http/id-input.ts'
import { listStandings, mendStanding, STANDINGS } from '../plugin/index.ts'

/** Each costs a call of the plug-in, of which a Worker may make fifty a request at least. */
const MAX_PAGE = 40

const StandingName = z
  .enum(STANDINGS)
  .describe(
    'pending: not registered yet; missing, disabled: its user there is gone, or switched off; key_refused: the key that we keep is not taken; unknown: it could not be tried.',
  )

const Page = z
  .object({
    items: z.array(
      z.object({
        user_id: z.int(),
        username: z.string(),
        plugin_user_id: z.string().nullable(),
        standing: StandingName,
      }),
    ),
    next: z.int().nullable().describe('`after` of the next page; null: this is the last.'),
  })
  .meta({ id: 'PluginStandingPage' })

const Mended = z.object({ user_id: z.int(), standing: StandingName }).meta({ id: 'PluginStanding' })

const errors = ['forbidden', 'plugin_not_configured', 'upstream_error', 'upstream_timeout'] as const

/** How people stand at the plug-in, for administrators. */
export const standingEndpoints: Endpoint[] = [
  endpoint(
    {
      ...administration('users:read'),
      method: 'get',
      path: '/admin/plugin-users',
      operationId: 'listPluginStandings',
      summary: 'How people stand at the AI service',
      description: 'Tries the key that is kept for each of them.',
      query: z.object({
        after: z.coerce.number().int().nonnegative().max(MAX_ID).default(0),
        limit: z.coerce.number().int().positive().max(MAX_PAGE).default(20),
      }),
      answer: { status: 200, description: 'A page of people by their ids.', schema: Page },
      errors,
    },
    async (c, { query }) => listStandings(c.get('ctx'), query),
  ),
  endpoint(
    {
      ...administration('users:write'),
      method: 'post',
      path: '/admin/plugin-users/:id/mend',
      operationId: 'mendPluginStanding',
      summary: "Mend somebody's standing at the AI service",
      description:
        'Lets them in again where they are switched off there; else finds their user by its name, or makes one, and gives it another key. A key that is refused in the middle of a call is replaced without this.',
      params: z.object({ id: IdInput }),
      answer: { status: 200, description: 'How they stand now.', schema: Mended },
      errors: [...errors, 'not_found'],
    },
    async (c, { params: { id } }) => ({
      user_id: id,
      standing: await mendStanding(c.get('ctx'), id),
    }),
  ),
]
