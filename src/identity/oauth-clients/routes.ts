import * as z from 'zod'
import { administration } from '../../platform/http/administration.ts'
import { type AuthRequirement, type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { deleteClient, readClients, readOne, replaceSecret, updateClient } from './change-client.ts'
import { createClient } from './create-client.ts'
import type { Whose } from './keeper.ts'
import {
  Client,
  ClientId,
  CreateClientInput,
  CreatedClient,
  CreateOwnClientInput,
  Deleted,
  ReplaceSecretInput,
  UpdateClientInput,
  UpdateOwnClientInput,
} from './schemas.ts'

interface Keeping {
  whose: Whose
  common: { tag: string; auth: AuthRequirement }
  path: string
  /** What the operations are called by. */
  name: string
  /** What the summaries say. */
  title: string
  create: z.ZodType<z.output<typeof CreateClientInput>>
  update: z.ZodType<z.output<typeof UpdateClientInput>>
}

/** The same for those who may keep all clients, and for each person who has some of their own. */
function endpointsFor({ whose, common, path, name, title, create, update }: Keeping): Endpoint[] {
  const one = { ...common, path: `${path}/:id`, params: ClientId } as const
  return [
    endpoint(
      {
        ...common,
        ...{ method: 'get', path, operationId: `list${name}s`, summary: `Applications ${title}` },
        answer: { status: 200, description: 'The newest first.', schema: z.array(Client) },
      },
      async (c) => readClients(c.get('ctx'), whose),
    ),
    endpoint(
      {
        ...common,
        ...{ method: 'post', path, operationId: `create${name}` },
        summary: `Make an application known, of those ${title}`,
        description: 'Its secret is shown in this answer only.',
        body: create,
        answer: { status: 201, description: 'The new client.', schema: CreatedClient },
        errors: ['conflict', 'forbidden'],
      },
      async (c, { body }) => createClient(c.get('ctx'), body, whose),
    ),
    endpoint(
      {
        ...one,
        ...{ method: 'get', operationId: `get${name}`, summary: `One of those ${title}` },
        answer: { status: 200, description: 'The client.', schema: Client },
        errors: ['not_found'],
      },
      async (c, { params }) => readOne(c.get('ctx'), params.id, whose),
    ),
    endpoint(
      {
        ...one,
        ...{ method: 'patch', operationId: `update${name}` },
        summary: `Change one of those ${title}, or switch it off`,
        body: update,
        answer: { status: 200, description: 'The client as it is now.', schema: Client },
        errors: ['not_found', 'forbidden'],
      },
      async (c, { params, body }) => updateClient(c.get('ctx'), params.id, body, whose),
    ),
    endpoint(
      {
        ...one,
        ...{ method: 'post', path: `${path}/:id/secret` },
        operationId: whose === 'all' ? 'replaceOAuthSecret' : 'replaceOwnOAuthSecret',
        summary: `Replace the secret of one of those ${title}`,
        description: 'The old one goes on for a while.',
        body: ReplaceSecretInput,
        bodyRequired: false,
        answer: { status: 200, description: 'With its new secret.', schema: CreatedClient },
        errors: ['not_found', 'conflict', 'forbidden'],
      },
      async (c, { params, body }) =>
        replaceSecret(c.get('ctx'), params.id, body.keep_seconds, whose),
    ),
    endpoint(
      {
        ...one,
        ...{ method: 'delete', operationId: `delete${name}` },
        summary: `Forget one of those ${title}`,
        description: 'Its tokens are dead at once.',
        answer: { status: 200, description: 'The client is deleted.', schema: Deleted },
        errors: ['not_found'],
      },
      async (c, { params }) => {
        await deleteClient(c.get('ctx'), params.id, whose)
        return { message: 'The client is deleted', success: true }
      },
    ),
  ]
}

export const oauthClientEndpoints: Endpoint[] = [
  ...endpointsFor({
    ...{ whose: 'all', common: administration('oauth-clients:manage'), path: '/admin/clients' },
    ...{ name: 'OAuthClient', title: 'that sign people in with us' },
    ...{ create: CreateClientInput, update: UpdateClientInput },
  }),
  ...endpointsFor({
    ...{ whose: 'own', common: { tag: 'OAuth', auth: 'session' }, path: '/users/me/clients' },
    ...{ name: 'OwnOAuthClient', title: 'of my own' },
    ...{ create: CreateOwnClientInput, update: UpdateOwnClientInput },
  }),
]
