import * as z from 'zod'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { deleteClient, readClients, readOne, replaceSecret, updateClient } from './change-client.ts'
import { createClient } from './create-client.ts'
import {
  Client,
  ClientId,
  CreateClientInput,
  CreatedClient,
  Deleted,
  ReplaceSecretInput,
  UpdateClientInput,
} from './schemas.ts'

const common = administration('oauth-clients:manage')
const one = { ...common, path: '/admin/clients/:id', params: ClientId } as const

export const oauthClientEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      method: 'get',
      path: '/admin/clients',
      operationId: 'listOAuthClients',
      summary: 'Applications that sign people in with us',
      answer: { status: 200, description: 'The newest first.', schema: z.array(Client) },
    },
    async (c) => readClients(c.get('ctx')),
  ),
  endpoint(
    {
      ...common,
      method: 'post',
      path: '/admin/clients',
      operationId: 'createOAuthClient',
      summary: 'Make an application known',
      description: 'Its secret is shown in this answer only.',
      body: CreateClientInput,
      answer: { status: 201, description: 'The new client.', schema: CreatedClient },
      errors: ['conflict'],
    },
    async (c, { body }) => createClient(c.get('ctx'), body),
  ),
  endpoint(
    {
      ...one,
      method: 'get',
      operationId: 'getOAuthClient',
      summary: 'One application',
      answer: { status: 200, description: 'The client.', schema: Client },
      errors: ['not_found'],
    },
    async (c, { params }) => readOne(c.get('ctx'), params.id),
  ),
  endpoint(
    {
      ...one,
      method: 'patch',
      operationId: 'updateOAuthClient',
      summary: 'Change an application, or switch it off',
      body: UpdateClientInput,
      answer: { status: 200, description: 'The client as it is now.', schema: Client },
      errors: ['not_found'],
    },
    async (c, { params, body }) => updateClient(c.get('ctx'), params.id, body),
  ),
  endpoint(
    {
      ...one,
      method: 'post',
      path: '/admin/clients/:id/secret',
      operationId: 'replaceOAuthSecret',
      summary: 'Replace the secret of an application',
      description: 'The old one goes on for a while.',
      body: ReplaceSecretInput,
      bodyRequired: false,
      answer: { status: 200, description: 'The client and its new secret.', schema: CreatedClient },
      errors: ['not_found', 'conflict'],
    },
    async (c, { params, body }) => replaceSecret(c.get('ctx'), params.id, body.keep_seconds),
  ),
  endpoint(
    {
      ...one,
      method: 'delete',
      operationId: 'deleteOAuthClient',
      summary: 'Forget an application',
      description: 'Its tokens are dead at once.',
      answer: { status: 200, description: 'The client is deleted.', schema: Deleted },
      errors: ['not_found'],
    },
    async (c, { params }) => {
      await deleteClient(c.get('ctx'), params.id)
      return { message: 'The client is deleted', success: true }
    },
  ),
]
