import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { readConsumption, readConsumptionStats } from './consumption.ts'
import {
  Consumption,
  ConsumptionStats,
  consumptionQuery,
  PluginPool,
  SharedPool,
} from './quota-schemas.ts'
import { enveloped, FORM, pluginErrors } from './routes-common.ts'
import { ModelParam } from './schemas.ts'
import { getSharedPool } from './shared-pool.ts'
import { readUserPools } from './user-pools.ts'

const tag = 'AI accounts'
const auth = { scope: 'read:quotas' } as const

/** What the plug-in counts. */
export const quotaEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/quotas/user',
      operationId: 'getPluginPools',
      tag,
      summary: 'My pools as the AI service counts them',
      description: FORM,
      auth,
      answer: {
        status: 200,
        description: 'One row a model; none before you have lent an account.',
        schema: enveloped(z.array(PluginPool)),
      },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await readUserPools(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/quotas/shared-pool',
      operationId: 'getSharedPool',
      tag,
      summary: "What everybody's shared accounts have left",
      description: `Read at most once a minute for everybody together. ${FORM}`,
      auth,
      answer: { status: 200, description: 'The pool.', schema: enveloped(SharedPool) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await getSharedPool(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/quotas/consumption',
      operationId: 'listConsumption',
      tag,
      summary: 'What my requests have used',
      description: FORM,
      auth,
      query: consumptionQuery(100),
      answer: {
        status: 200,
        description: 'The newest first.',
        schema: enveloped(z.array(Consumption)),
      },
      errors: pluginErrors,
    },
    async (c, { query }) => ({
      success: true,
      data: await readConsumption(c.get('ctx'), query),
    }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/plugin-api/quotas/consumption/stats/:model_name',
      operationId: 'getConsumptionStats',
      tag,
      summary: 'What my requests have used of one model',
      description: FORM,
      auth,
      params: ModelParam,
      answer: {
        status: 200,
        description: 'Sums; null where there is nothing to sum up.',
        schema: enveloped(ConsumptionStats),
      },
      errors: [...pluginErrors, 'not_found'],
    },
    async (c, { params }) => ({
      success: true,
      data: await readConsumptionStats(c.get('ctx'), params.model_name),
    }),
  ),
]
