import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { readAccountQuotas } from './account-quotas.ts'
import { renameAccount, setAccountStatus, setAccountType } from './change-account.ts'
import { deleteAccount } from './delete-account.ts'
import { getAccount } from './get-account.ts'
import { listAccounts } from './list-accounts.ts'
import { setModelStatus } from './model-status.ts'
import { enveloped, FORM, pluginErrors } from './routes-common.ts'
import {
  Account,
  AccountName,
  AccountQuery,
  AccountQuota,
  AccountStatus,
  AccountType,
  CookieId,
  CookieModelParam,
  ModelStatus,
  NameInput,
  SingleAccount,
  StatusInput,
  TypeInput,
} from './schemas.ts'

const tag = 'AI accounts'
const auth = 'session'
const errors = [...pluginErrors, 'not_found'] as const
const toggleErrors = [...errors, 'conflict', 'rate_limited'] as const
const ONE_AT_A_TIME = 'A person changes one account at a time, and not too often.'

function messageOf({ is_shared, status }: z.output<typeof AccountType>): string {
  if (status === 0)
    return 'This AI service cannot take accounts back. The account is switched off instead: nobody draws from it, nor do you. To have it for yourself alone, delete it and authorize it again.'
  return is_shared === 1 ? 'The account is lent to everybody.' : 'The account is yours alone.'
}

/** The accounts that a person has brought. */
export const accountEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts',
      operationId: 'listAccounts',
      tag,
      summary: 'My AI accounts',
      description: `\`health\` says in words why an account is not used and what to do. ${FORM}`,
      auth,
      answer: {
        status: 200,
        description: 'The accounts that you have brought, newest first.',
        schema: enveloped(z.array(Account)),
      },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await listAccounts(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts/:cookie_id',
      operationId: 'getAccount',
      tag,
      summary: 'One of my AI accounts',
      description: `With \`include=quotas\` its \`health\` also speaks of every model. ${FORM}`,
      auth,
      params: CookieId,
      query: AccountQuery,
      answer: { status: 200, description: 'The account.', schema: enveloped(SingleAccount) },
      errors,
    },
    async (c, { params, query }) => ({
      success: true,
      data: await getAccount(c.get('ctx'), params.cookie_id, query.include === 'quotas'),
    }),
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/accounts/:cookie_id/status',
      operationId: 'setAccountStatus',
      tag,
      summary: 'Enable or disable an AI account',
      description: `${ONE_AT_A_TIME} ${FORM}`,
      auth,
      params: CookieId,
      body: StatusInput,
      answer: { status: 200, description: 'As it is now.', schema: enveloped(AccountStatus) },
      errors: toggleErrors,
    },
    async (c, { params, body }) => ({
      success: true,
      message: body.status === 1 ? 'The account is enabled.' : 'The account is disabled.',
      data: await setAccountStatus(c.get('ctx'), params.cookie_id, body.status),
    }),
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/accounts/:cookie_id/type',
      operationId: 'setAccountType',
      tag,
      summary: 'Lend an AI account, or take it back',
      description: `Moves the ceiling of your pools at once, never what is in them. ${ONE_AT_A_TIME} ${FORM}`,
      auth,
      params: CookieId,
      body: TypeInput,
      answer: { status: 200, description: 'As it is now.', schema: enveloped(AccountType) },
      errors: toggleErrors,
    },
    async (c, { params, body }) => {
      const data = await setAccountType(c.get('ctx'), params.cookie_id, body.is_shared)
      return { success: true, message: messageOf(data), data }
    },
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/accounts/:cookie_id/name',
      operationId: 'renameAccount',
      tag,
      summary: 'Rename an AI account',
      description: FORM,
      auth,
      params: CookieId,
      body: NameInput,
      answer: { status: 200, description: 'As it is now.', schema: enveloped(AccountName) },
      errors,
    },
    async (c, { params, body }) => ({
      success: true,
      data: await renameAccount(c.get('ctx'), params.cookie_id, body.name),
    }),
  ),
  endpoint(
    {
      method: 'delete',
      path: '/plugin-api/accounts/:cookie_id',
      operationId: 'deleteAiAccount',
      tag,
      summary: 'Delete an AI account',
      description: 'The AI service forgets with it what it was used for; our own books keep it.',
      auth,
      params: CookieId,
      answer: {
        status: 200,
        description: 'It is gone.',
        schema: z.object({ success: z.boolean(), message: z.string() }),
      },
      errors: [...errors, 'conflict'],
    },
    async (c, { params }) => {
      await deleteAccount(c.get('ctx'), params.cookie_id)
      return { success: true, message: 'The account is deleted.' }
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/accounts/:cookie_id/quotas',
      operationId: 'getAccountQuotas',
      tag,
      summary: 'What an AI account has left',
      description: `A live call upstream. ${FORM}`,
      auth,
      params: CookieId,
      answer: {
        status: 200,
        description: 'One row a model, the least first.',
        schema: enveloped(z.array(AccountQuota)),
      },
      errors,
    },
    async (c, { params }) => ({
      success: true,
      data: await readAccountQuotas(c.get('ctx'), params.cookie_id),
    }),
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/accounts/:cookie_id/quotas/:model_name/status',
      operationId: 'setModelStatus',
      tag,
      summary: 'Use a model of an AI account again, or leave it out',
      description: `What you leave out stays out. What the AI service switches off by itself when it is used up is switched on again when it has quota. ${FORM}`,
      auth,
      params: CookieModelParam,
      body: StatusInput,
      answer: { status: 200, description: 'As it is now.', schema: enveloped(ModelStatus) },
      errors: [...errors, 'rate_limited'],
    },
    async (c, { params, body }) => ({
      success: true,
      data: await setModelStatus(c.get('ctx'), params.cookie_id, params.model_name, body.status),
    }),
  ),
]
