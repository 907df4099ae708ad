import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { decide } from './decide.ts'
import { DeviceInput, DeviceRequestView, decideOnDevice } from './device.ts'
import { issuerOf } from './issuer.ts'
import { endOwnGrants, listOwnGrants } from './own-grants.ts'
import { Grants, Interaction, InteractionInput } from './schemas.ts'

const tag = 'OAuth'

/** What the console asks; part of the JSON API. */
export const oauthEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/authorizations',
      operationId: 'decideAuthorization',
      tag,
      summary: 'What an application asks for, and what the person says',
      description: 'For the page that `/oauth/authorize` leads to.',
      auth: 'optional',
      body: InteractionInput,
      answer: { status: 200, description: 'What comes next.', schema: Interaction },
      errors: ['login_expired'],
    },
    async (c, { body }) => decide(c.get('ctx'), body, issuerOf(c)),
  ),
  endpoint(
    {
      method: 'post',
      path: '/device-authorizations',
      operationId: 'decideDevice',
      tag,
      summary: 'What a device asks for, and what the person says',
      description: 'For who has typed the code that a program without a browser shows.',
      auth: 'session',
      limit: 'login',
      body: DeviceInput,
      answer: { status: 200, description: 'What it asks for.', schema: DeviceRequestView },
      errors: ['not_found', 'forbidden'],
    },
    async (c, { body }) => decideOnDevice(c.get('ctx'), body),
  ),
  endpoint(
    {
      method: 'get',
      path: '/users/me/grants',
      operationId: 'listGrants',
      tag,
      summary: 'Applications that I have let in',
      auth: 'session',
      answer: { status: 200, description: 'The last changed first.', schema: Grants },
    },
    async (c) => listOwnGrants(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'delete',
      path: '/users/me/grants',
      operationId: 'endGrants',
      tag,
      summary: 'Take back all that an application was given',
      description: 'Its tokens are dead at once.',
      auth: 'session',
      query: z.object({ client_id: z.string().min(1).max(500) }),
      answer: {
        status: 200,
        description: 'It has nothing any more.',
        schema: z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' }),
      },
      errors: ['not_found'],
    },
    async (c, { query }) => {
      await endOwnGrants(c.get('ctx'), query.client_id)
      return { message: 'The application has no access any more', success: true }
    },
  ),
]
