import * as z from 'zod'
import { requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { authorizeAccount, completeAuthorization, listAccounts } from './authorize.ts'
import { findPluginAccount } from './queries.ts'
import {
  Account,
  AuthorizeAnswer,
  AuthorizedAccount,
  AuthorizeInput,
  CallbackInput,
  PluginKey,
} from './schemas.ts'

const tag = 'AI accounts'
const auth = 'session'
const success = { message: z.string().optional(), success: z.boolean() }
const errors = [
  'plugin_not_configured',
  'plugin_pending',
  'upstream_error',
  'upstream_timeout',
] as const

export const pluginEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/key',
      operationId: 'getPluginKey',
      tag,
      summary: 'State of my account at the AI service',
      auth,
      answer: { status: 200, description: 'The state; never the key.', schema: PluginKey },
      errors: ['not_found'],
    },
    async (c) => {
      const ctx = c.get('ctx')
      const row = await findPluginAccount(ctx.services.db, requirePerson(ctx).userId)
      if (!row) throw new AppError('not_found', 'You have no account at the AI service.')
      return {
        id: row.userId,
        user_id: row.userId,
        plugin_user_id: row.pluginUserId,
        state: row.state,
        is_active: row.state === 'ready',
        created_at: row.createdAt.toISOString(),
        updated_at: row.updatedAt.toISOString(),
      }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/plugin-api/oauth/authorize',
      operationId: 'authorizeAccount',
      tag,
      summary: 'Bring an AI account',
      description:
        'Open the returned address, consent, and send the address you end up at to `/plugin-api/oauth/callback`.',
      auth,
      body: AuthorizeInput,
      bodyRequired: false,
      answer: {
        status: 200,
        description: 'Where to consent.',
        schema: z.object({ ...success, data: AuthorizeAnswer }),
      },
      errors,
    },
    async (c, { body }) => ({
      success: true,
      data: await authorizeAccount(c.get('ctx'), body.is_shared),
    }),
  ),
  endpoint(
    {
      method: 'post',
      path: '/plugin-api/oauth/callback',
      operationId: 'completeAuthorization',
      tag,
      summary: 'Complete bringing an AI account',
      auth,
      body: CallbackInput,
      answer: {
        status: 200,
        description: 'The account.',
        schema: z.object({ ...success, data: AuthorizedAccount }),
      },
      errors: [...errors, 'invalid_request', 'conflict'],
    },
    async (c, { body }) => ({
      success: true,
      data: await completeAuthorization(c.get('ctx'), body.callback_url),
    }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts',
      operationId: 'listAccounts',
      tag,
      summary: 'My AI accounts',
      auth,
      answer: {
        status: 200,
        description: 'The accounts that you have brought, newest first.',
        schema: z.object({ ...success, data: z.array(Account) }),
      },
      errors,
    },
    async (c) => ({ success: true, data: await listAccounts(c.get('ctx')) }),
  ),
]
