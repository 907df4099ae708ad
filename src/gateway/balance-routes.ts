import * as z from 'zod'
import { type Endpoint, endpoint } from '../platform/http/endpoint.ts'
import { billingSubscription, billingUsage, readUsage } from './balance.ts'

const common = {
  method: 'get',
  tag: 'OpenAI-compatible',
  auth: { scope: 'read:quotas' },
} as const

/** What is left, where clients look for it. */
export const balanceEndpoints: Endpoint[] = [
  endpoint(
    {
      ...common,
      path: '/v1/usage',
      operationId: 'readBalance',
      summary: 'What is left of your pools',
      description: 'For cc-switch and its like; `GET /api/quotas` says more.',
      answer: {
        status: 200,
        description: 'In units, all pools that you have drawn from together.',
        schema: z
          .object({
            object: z.literal('usage'),
            isValid: z.boolean(),
            planName: z.string(),
            balance: z.number(),
            remaining: z.number(),
            total: z.number(),
            used: z.number(),
            unit: z.string(),
          })
          .meta({ id: 'Balance' }),
      },
    },
    async (c) => readUsage(c.get('ctx')),
  ),
  endpoint(
    {
      ...common,
      path: '/dashboard/billing/usage',
      operationId: 'readBillingUsage',
      summary: 'What you have used, in cents',
      description: "OpenAI's former call, for NextChat and its like. A unit counts as a dollar.",
      answer: {
        status: 200,
        description: 'In cents.',
        schema: z
          .object({ object: z.literal('list'), total_usage: z.number() })
          .meta({ id: 'BillingUsage' }),
      },
    },
    async (c) => billingUsage(c.get('ctx')),
  ),
  endpoint(
    {
      ...common,
      path: '/dashboard/billing/subscription',
      operationId: 'readBillingSubscription',
      summary: 'What you may use, in dollars',
      description: "OpenAI's former call, for NextChat and its like. A unit counts as a dollar.",
      answer: {
        status: 200,
        description: 'In dollars.',
        schema: z
          .object({
            object: z.literal('billing_subscription'),
            has_payment_method: z.boolean(),
            soft_limit_usd: z.number(),
            hard_limit_usd: z.number(),
            system_hard_limit_usd: z.number(),
            access_until: z.int(),
          })
          .meta({ id: 'BillingSubscription' }),
      },
    },
    async (c) => billingSubscription(c.get('ctx')),
  ),
]
