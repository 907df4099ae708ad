import { requirePerson } from '../../context.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { Proof, requireStepUp } from '../mfa/index.ts'
import { currentGeneration } from '../sessions/index.ts'
import { begin, requireChallenge } from './flow-adapter.ts'
import { listOwnIdentities, toIdentity } from './identity-view.ts'
import {
  BeginQuery,
  BegunLogin,
  Identity,
  IdentityList,
  IdentityParams,
  ProviderParams,
} from './schemas.ts'
import { syncIdentity } from './sync-identity.ts'
import { unlinkIdentity } from './unlink-identity.ts'

const tag = 'Social login'
const ProofInput = Proof.meta({ id: 'Proof' })

/** What people do with their own identities. */
export const identityEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/auth/identities',
      operationId: 'listIdentities',
      tag,
      summary: 'List my identities',
      auth: 'session',
      answer: { status: 200, description: 'The oldest first.', schema: IdentityList },
    },
    async (c) => ({ identities: await listOwnIdentities(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/identities/:provider',
      operationId: 'beginLink',
      tag,
      summary: 'Add an identity to my account',
      description:
        'Like beginning a login; whoever finishes it gets no session, but the account this identity.',
      auth: 'session',
      params: ProviderParams,
      query: BeginQuery,
      // A way in for good: a stolen access token must not be enough for it.
      body: ProofInput,
      bodyRequired: false,
      answer: { status: 200, description: 'Where to go.', schema: BegunLogin },
      errors: [
        'provider_not_configured',
        'invalid_request',
        'provider_failed',
        'step_up_required',
        'account_locked',
      ],
    },
    async (c, { params, query, body }) => {
      requireChallenge(c, query)
      await requireStepUp(c.get('ctx'), body)
      const { userId, tenure } = requirePerson(c.get('ctx'))
      const generation = await currentGeneration(c.get('ctx'), userId)
      const linking = { userId, tenure, generation }
      const { authorizationUrl, state } = await begin(c, params.provider, query, linking)
      return { authorization_url: authorizationUrl, state }
    },
  ),
  endpoint(
    {
      method: 'post',
      path: '/auth/identities/:id/sync',
      operationId: 'syncIdentity',
      tag,
      summary: 'Read my profile at the provider anew',
      auth: 'session',
      params: IdentityParams,
      answer: { status: 200, description: 'As the provider says now.', schema: Identity },
      errors: ['not_found', 'login_expired', 'provider_failed', 'conflict'],
    },
    async (c, { params }) => {
      const ctx = c.get('ctx')
      return toIdentity(ctx.config, await syncIdentity(ctx, params.id))
    },
  ),
  endpoint(
    {
      method: 'delete',
      path: '/auth/identities/:id',
      operationId: 'deleteIdentity',
      tag,
      summary: 'Remove an identity from my account',
      description: 'Also ends the access that the provider has given this server, where it can.',
      auth: 'session',
      params: IdentityParams,
      answer: { status: 204, description: 'It is gone.' },
      errors: ['not_found', 'last_sign_in_method'],
    },
    async (c, { params }) => unlinkIdentity(c.get('ctx'), params.id),
  ),
]
