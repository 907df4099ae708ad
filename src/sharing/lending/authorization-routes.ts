import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { authorizeAccount } from './authorize.ts'
import { completeAuthorization } from './complete-authorization.ts'
import { getPluginKey } from './plugin-key.ts'
import { getPreference, setPreference } from './preference.ts'
import { enveloped, FORM, pluginErrors } from './routes-common.ts'
import {
  AuthorizeAnswer,
  AuthorizedAccount,
  AuthorizeInput,
  CallbackInput,
  ChangedPreference,
  PluginKey,
  Preference,
  PreferenceInput,
} from './schemas.ts'

const tag = 'AI accounts'
const auth = 'session'

/** Bringing an account, and how the person stands with the AI service. */
export const authorizationEndpoints: Endpoint[] = [
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
    async (c) => getPluginKey(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'post',
      path: '/plugin-api/oauth/authorize',
      operationId: 'authorizeAccount',
      tag,
      summary: 'Bring an AI account',
      description: `Open the returned address, consent, and send the address you end up at to \`/plugin-api/oauth/callback\`. ${FORM}`,
      auth,
      body: AuthorizeInput,
      bodyRequired: false,
      answer: {
        status: 200,
        description: 'Where to consent.',
        schema: enveloped(AuthorizeAnswer),
      },
      errors: pluginErrors,
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
      description: `Only for whoever began it. ${FORM}`,
      auth,
      body: CallbackInput,
      answer: { status: 200, description: 'The account.', schema: enveloped(AuthorizedAccount) },
      errors: [...pluginErrors, 'invalid_request', 'conflict'],
    },
    async (c, { body }) => ({
      success: true,
      data: await completeAuthorization(c.get('ctx'), body.callback_url),
    }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/preference',
      operationId: 'getPreference',
      tag,
      summary: 'Which accounts my calls go to first',
      description: FORM,
      auth,
      answer: { status: 200, description: 'The preference.', schema: enveloped(Preference) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await getPreference(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'put',
      path: '/plugin-api/preference',
      operationId: 'setPreference',
      tag,
      summary: 'Choose which accounts my calls go to first',
      description: `An order, never an exclusion. ${FORM}`,
      auth,
      body: PreferenceInput,
      answer: { status: 200, description: 'As it is now.', schema: enveloped(ChangedPreference) },
      errors: pluginErrors,
    },
    async (c, { body }) => ({
      success: true,
      data: await setPreference(c.get('ctx'), body.prefer_shared),
    }),
  ),
]
