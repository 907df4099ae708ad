import * as z from 'zod'
import type { Endpoint } from '../../platform/http/endpoint.ts'
import { readConsumption, readConsumptionStats } from './consumption.ts'
import {
  Consumption,
  ConsumptionStats,
  consumptionQuery,
  PluginPool,
  SharedPool,
} from './quota-schemas.ts'
import { viewsOf } from './routes-common.ts'
import { ModelParam } from './schemas.ts'
import { getSharedPool } from './shared-pool.ts'
import { readUserPools } from './user-pools.ts'

const view = viewsOf('AI accounts', { scope: 'read:quotas' })

/** What the plug-in counts. */
export const quotaEndpoints: Endpoint[] = [
  view(
    {
      path: '/plugin-api/quotas/user',
      operationId: 'getPluginPools',
      summary: 'My pools as the AI service counts them',
      answer: 'One row a model; none before you have lent an account.',
      data: z.array(PluginPool),
    },
    readUserPools,
  ),
  view(
    {
      path: '/plugin-api/quotas/shared-pool',
      operationId: 'getSharedPool',
      summary: "What everybody's shared accounts have left",
      description: 'Read at most once a minute for everybody together.',
      answer: 'The pool.',
      data: SharedPool,
    },
    getSharedPool,
  ),
  view(
    {
      path: '/plugin-api/quotas/consumption',
      operationId: 'listConsumption',
      summary: 'What my requests have used',
      query: consumptionQuery(100),
      answer: 'The newest first.',
      data: z.array(Consumption),
    },
    (ctx, { query }) => readConsumption(ctx, query),
  ),
  view(
    {
      path: '/plugin-api/quotas/consumption/stats/:model_name',
      operationId: 'getConsumptionStats',
      summary: 'What my requests have used of one model',
      params: ModelParam,
      answer: 'Sums; null where there is nothing to sum up.',
      data: ConsumptionStats,
      errors: ['not_found'],
    },
    (ctx, { params }) => readConsumptionStats(ctx, params.model_name),
  ),
]
