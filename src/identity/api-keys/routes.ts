import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { createKey } from './create-key.ts'
import { deleteKey } from './delete-key.ts'
import { toApiKey } from './key-view.ts'
import { requireOwnKey } from './own-key.ts'
import {
  ApiKey,
  CreatedKey,
  CreateKeyInput,
  Deleted,
  KeyId,
  KeyStatusInput,
  UpdateKeyInput,
} from './schemas.ts'
import { showKeys } from './show-keys.ts'
import { changeKey, setKeyStatus } from './update-key.ts'

const tag = 'API keys'
const auth = 'session'

export const apiKeyEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'post',
      path: '/api-keys',
      operationId: 'createApiKey',
      tag,
      summary: 'Create a key',
      description: 'The key is shown in this answer only.',
      auth,
      body: CreateKeyInput,
      bodyRequired: false,
      answer: { status: 201, description: 'The new key.', schema: CreatedKey },
    },
    async (c, { body }) => createKey(c.get('ctx'), body),
  ),
  endpoint(
    {
      method: 'get',
      path: '/api-keys',
      operationId: 'listApiKeys',
      tag,
      summary: 'My keys',
      auth,
      answer: { status: 200, description: 'Your keys, newest first.', schema: z.array(ApiKey) },
    },
    async (c) => showKeys(c.get('ctx')),
  ),
  endpoint(
    {
      method: 'get',
      path: '/api-keys/:id',
      operationId: 'getApiKey',
      tag,
      summary: 'One of my keys',
      auth,
      params: KeyId,
      answer: { status: 200, description: 'The key, without its secret.', schema: ApiKey },
      errors: ['not_found'],
    },
    async (c, { params }) => {
      const ctx = c.get('ctx')
      return toApiKey(await requireOwnKey(ctx, params.id), ctx.clock.now())
    },
  ),
  endpoint(
    {
      method: 'patch',
      path: '/api-keys/:id',
      operationId: 'updateApiKey',
      tag,
      summary: 'Change a key',
      description:
        'Absent fields stay; null takes a limit away. Calls under way end under the old limits.',
      auth,
      params: KeyId,
      body: UpdateKeyInput,
      answer: { status: 200, description: 'The key as it is now.', schema: ApiKey },
      errors: ['not_found'],
    },
    async (c, { params, body }) => changeKey(c.get('ctx'), params.id, body),
  ),
  endpoint(
    {
      method: 'patch',
      path: '/api-keys/:id/status',
      operationId: 'setApiKeyStatus',
      tag,
      summary: 'Switch a key off or on',
      description: 'A key that is switched off is refused, and keeps its limits.',
      auth,
      params: KeyId,
      body: KeyStatusInput,
      answer: { status: 200, description: 'The key as it is now.', schema: ApiKey },
      errors: ['not_found'],
    },
    async (c, { params, body }) => setKeyStatus(c.get('ctx'), params.id, body),
  ),
  endpoint(
    {
      method: 'delete',
      path: '/api-keys/:id',
      operationId: 'deleteApiKey',
      tag,
      summary: 'Delete a key',
      description: 'The key stops working at once.',
      auth,
      params: KeyId,
      answer: { status: 200, description: 'The key is deleted.', schema: Deleted },
      errors: ['not_found'],
    },
    async (c, { params }) => {
      await deleteKey(c.get('ctx'), params.id)
      return { message: 'API key deleted', success: true }
    },
  ),
]
