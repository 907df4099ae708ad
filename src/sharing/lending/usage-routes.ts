import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { readConsumption } from './consumption.ts'
import {
  Consumption,
  consumptionQuery,
  SharedPoolStats,
  UsageAccounts,
  UsageQuotas,
  UsageSummary,
} from './quota-schemas.ts'
import { enveloped, FORM, pluginErrors } from './routes-common.ts'
import { sharedPoolStats, usageAccounts, usageQuotas, usageSummary } from './usage-views.ts'

const tag = 'Usage'
const auth = { scope: 'read:usage' } as const

/** Views over the plug-in's accounts, pools and consumption, each made of several of its answers. */
export const usageViewEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/usage/quotas',
      operationId: 'getUsageQuotas',
      tag,
      summary: 'My pools and the shared pool',
      description: FORM,
      auth,
      answer: { status: 200, description: 'Both.', schema: enveloped(UsageQuotas) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await usageQuotas(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/usage/consumption',
      operationId: 'getUsageConsumption',
      tag,
      summary: 'What my requests have used',
      description: FORM,
      auth,
      query: consumptionQuery(50),
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
      path: '/usage/accounts',
      operationId: 'getUsageAccounts',
      tag,
      summary: 'My AI accounts with what they have left',
      description: `Live calls upstream, one an account. Where one fails \`quotas\` is empty and \`quotas_error\` says why. ${FORM}`,
      // Accounts are named by e-mail addresses.
      auth: 'session',
      answer: { status: 200, description: 'The accounts.', schema: enveloped(UsageAccounts) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await usageAccounts(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/usage/summary',
      operationId: 'getUsageSummary',
      tag,
      summary: 'My accounts and pools at a glance',
      description: FORM,
      auth,
      answer: { status: 200, description: 'The summary.', schema: enveloped(UsageSummary) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await usageSummary(c.get('ctx')) }),
  ),
  endpoint(
    {
      method: 'get',
      path: '/usage/shared-pool/stats',
      operationId: 'getSharedPoolStats',
      tag,
      summary: 'The shared pool by model, and my part in it',
      description: FORM,
      auth,
      answer: { status: 200, description: 'The statistics.', schema: enveloped(SharedPoolStats) },
      errors: pluginErrors,
    },
    async (c) => ({ success: true, data: await sharedPoolStats(c.get('ctx')) }),
  ),
]
