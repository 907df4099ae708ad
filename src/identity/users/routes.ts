import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { LedgerEntry, LentAccount, Quotas } from '../../sharing/quota/index.ts'
import { Done, getMe } from '../accounts/index.ts'
import { PendingEmailChange } from '../email-address/index.ts'
import { Proof, SecondFactorStatus } from '../mfa/index.ts'
import { Session } from '../sessions/index.ts'
import { Identity } from '../sso/index.ts'
import { deleteOwnAccount } from './delete-user.ts'
import { exportData } from './export-data.ts'
import { Profile, toProfile } from './profile.ts'
import { UpdateMeInput, updateMe } from './update-me.ts'

const tag = 'My account'

export const userEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/users/me',
      operationId: 'getProfile',
      tag,
      summary: 'My account',
      auth: { scope: 'read:users' },
      answer: { status: 200, description: 'The person behind the credential.', schema: Profile },
    },
    async (c) => toProfile(await getMe(c.get('ctx'))),
  ),
  endpoint(
    {
      method: 'put',
      path: '/users/me',
      operationId: 'updateProfile',
      tag,
      summary: 'Change my account',
      description:
        'Fields that are absent stay as they are. An API key needs the scope `write:users` by name.',
      auth: { namedScope: 'write:users' },
      body: UpdateMeInput,
      answer: { status: 200, description: 'The account as it is now.', schema: Profile },
      errors: ['username_taken'],
    },
    async (c, { body }) => toProfile(await updateMe(c.get('ctx'), body)),
  ),
  endpoint(
    {
      method: 'delete',
      path: '/users/me',
      operationId: 'deleteAccount',
      tag,
      summary: 'Delete my account',
      description:
        'Needs the password or a recent sign-in, and the second factor where there is one.',
      auth: 'session',
      body: Proof.meta({ id: 'Proof' }),
      bodyRequired: false,
      answer: { status: 200, description: 'The account is deleted.', schema: Done },
      errors: ['step_up_required', 'invalid_code', 'account_locked', 'conflict'],
    },
    async (c, { body }) => {
      await deleteOwnAccount(c.get('ctx'), body)
      return { message: 'Your account is deleted.', success: true }
    },
  ),
  endpoint(
    {
      method: 'get',
      path: '/users/me/export',
      operationId: 'exportData',
      tag,
      summary: 'Everything about me',
      description:
        'All that is known about the person, without secrets: the account, API keys, linked identities, sessions, second factor, a change of address that waits, lent accounts as the ledger knows them, pools and every change of them, events and calls.',
      auth: 'session',
      answer: {
        status: 200,
        description: 'One JSON document.',
        schema: z
          .object({
            user: Profile,
            api_keys: z.array(z.unknown()),
            identities: z.array(Identity),
            sessions: z.array(Session),
            second_factor: SecondFactorStatus,
            email_change: PendingEmailChange.nullable(),
            lent_accounts: z.array(LentAccount),
            quotas: Quotas,
            events: z.array(z.unknown()).describe('The oldest first.'),
            quota_ledger: z.array(LedgerEntry).describe('The newest first.'),
            usage: z.array(z.unknown()).describe('The oldest first.'),
          })
          .meta({ id: 'DataExport' }),
      },
    },
    async (c) =>
      new Response(await exportData(c.get('ctx')), {
        headers: {
          'content-type': 'application/json',
          'content-disposition': 'attachment; filename="shared-accounts-export.json"',
        },
      }),
  ),
]
