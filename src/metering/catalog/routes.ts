import * as z from 'zod'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { deleteModel } from './delete-model.ts'
import { listModels } from './list-models.ts'
import { putModel } from './put-model.ts'
import { CatalogModel, ModelDeleted, ModelId, ModelInput } from './schemas.ts'

const common = administration('models:manage')

export const catalogEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      method: 'get',
      path: '/admin/models',
      operationId: 'listCatalog',
      summary: 'What is known of models',
      description: 'A model that is not listed is its own group, enabled and of weight 1.',
      answer: { status: 200, description: 'By name.', schema: z.array(CatalogModel) },
    },
    async (c) => listModels(c.get('ctx')),
  ),
  endpoint(
    {
      ...common,
      method: 'put',
      path: '/admin/models/:id{.+}',
      operationId: 'putCatalogModel',
      summary: 'Say something about a model',
      description: 'Creates or changes; acts within a minute. A slash in a name may stay as it is.',
      params: ModelId,
      body: ModelInput,
      answer: { status: 200, description: 'As it is now.', schema: CatalogModel },
    },
    async (c, { params, body }) => putModel(c.get('ctx'), params.id, body),
  ),
  endpoint(
    {
      ...common,
      method: 'delete',
      path: '/admin/models/:id{.+}',
      operationId: 'deleteCatalogModel',
      summary: 'Forget what was said about a model',
      params: ModelId,
      answer: { status: 200, description: 'It has its defaults again.', schema: ModelDeleted },
      errors: ['not_found'],
    },
    async (c, { params }) => {
      await deleteModel(c.get('ctx'), params.id)
      return { success: true, message: 'The model has its defaults again.' }
    },
  ),
]
