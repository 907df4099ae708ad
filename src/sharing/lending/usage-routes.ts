import * as z from 'zod'
import type { Endpoint } from '../../platform/http/endpoint.ts'
import { readConsumption } from './consumption.ts'
import {
  Consumption,
  consumptionQuery,
  SharedPoolStats,
  UsageAccounts,
  UsageQuotas,
  UsageSummary,
} from './quota-schemas.ts'
import { viewsOf } from './routes-common.ts'
import { sharedPoolStats, usageAccounts, usageQuotas, usageSummary } from './usage-views.ts'

const view = viewsOf('Usage', { scope: 'read:usage' })

/** Views over the plug-in's accounts, pools and consumption, each made of several of its answers. */
export const usageViewEndpoints: Endpoint[] = [
  view(
    {
      path: '/usage/quotas',
      operationId: 'getUsageQuotas',
      summary: 'My pools and the shared pool',
      answer: 'Both.',
      data: UsageQuotas,
    },
    usageQuotas,
  ),
  view(
    {
      path: '/usage/consumption',
      operationId: 'getUsageConsumption',
      summary: 'What my requests have used',
      query: consumptionQuery(50),
      answer: 'The newest first.',
      data: z.array(Consumption),
    },
    (ctx, { query }) => readConsumption(ctx, query),
  ),
  view(
    {
      path: '/usage/accounts',
      operationId: 'getUsageAccounts',
      summary: 'My AI accounts with what they have left',
      description:
        'Live calls upstream, one an account. Where one fails `quotas` is empty and `quotas_error` says why.',
      // Accounts are named by e-mail addresses.
      auth: 'session',
      answer: 'The accounts.',
      data: UsageAccounts,
    },
    usageAccounts,
  ),
  view(
    {
      path: '/usage/summary',
      operationId: 'getUsageSummary',
      summary: 'My accounts and pools at a glance',
      answer: 'The summary.',
      data: UsageSummary,
    },
    usageSummary,
  ),
  view(
    {
      path: '/usage/shared-pool/stats',
      operationId: 'getSharedPoolStats',
      summary: 'The shared pool by model, and my part in it',
      answer: 'The statistics.',
      data: SharedPoolStats,
    },
    sharedPoolStats,
  ),
]
