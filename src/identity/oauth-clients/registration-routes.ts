import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { issuerOf } from '../oauth/index.ts'
import {
  deleteRegistered,
  Registered,
  readRegistered,
  register,
  replaceRegistered,
} from './registration.ts'
import { ClientId } from './schemas.ts'

const common = { tag: 'OAuth', auth: 'public', limit: 'register' } as const
const one = { ...common, path: '/oauth/register/:id', params: ClientId } as const
const body = {
  body: z.record(z.string(), z.unknown()).meta({ id: 'OAuthClientMetadata' }),
  validateBody: false,
} as const

/** Mounted at the root. */
export const registrationEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      ...body,
      method: 'post',
      path: '/oauth/register',
      operationId: 'registerOAuthClient',
      summary: 'Make oneself known as an application (RFC 7591)',
      description: 'Where the operator allows it.',
      answer: { status: 201, description: 'The client.', schema: Registered },
      errors: ['not_found', 'invalid_token', 'invalid_client_metadata', 'invalid_redirect_uri'],
    },
    async (c) => register(c.get('ctx'), c.req, issuerOf(c)),
  ),
  endpoint(
    {
      ...one,
      method: 'get',
      operationId: 'readRegisteredOAuthClient',
      summary: 'What is known of it (RFC 7592)',
      answer: { status: 200, description: 'The client.', schema: Registered },
      errors: ['invalid_token'],
    },
    async (c, { params }) => readRegistered(c.get('ctx'), c.req, params.id, issuerOf(c)),
  ),
  endpoint(
    {
      ...one,
      ...body,
      method: 'put',
      operationId: 'replaceRegisteredOAuthClient',
      summary: 'Replace what is known of it',
      answer: { status: 200, description: 'The client.', schema: Registered },
      errors: ['invalid_token', 'invalid_client_metadata', 'invalid_redirect_uri'],
    },
    async (c, { params }) => replaceRegistered(c.get('ctx'), c.req, params.id, issuerOf(c)),
  ),
  endpoint(
    {
      ...one,
      method: 'delete',
      operationId: 'deleteRegisteredOAuthClient',
      summary: 'Have it forgotten',
      answer: { status: 204, description: 'It is forgotten.' },
      errors: ['invalid_token'],
    },
    async (c, { params }) => {
      await deleteRegistered(c.get('ctx'), c.req, params.id)
      return undefined
    },
  ),
]
