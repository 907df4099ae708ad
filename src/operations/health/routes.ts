import * as z from 'zod'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { checkHealth } from './health.ts'

const Component = z.object({
  status: z.enum(['healthy', 'unhealthy', 'not_configured']),
  latency_ms: z.number().nullable().describe('Milliseconds until it answered.'),
  message: z.string(),
})

const Plugin = Component.extend({
  version: z
    .enum(['older', 'newer'])
    .nullish()
    .describe(
      'For administrators: which of the two plug-ins it is, that of December 2025 or that of February 2026; null where it cannot be told.',
    ),
})

const Health = z
  .object({
    status: z.enum(['healthy', 'unhealthy']),
    components: z.object({
      api: Component,
      database: Component,
      cache: Component,
      plugin: Plugin,
    }),
  })
  .meta({ id: 'Health' })

export const healthEndpoints: Endpoint[] = [
  endpoint(
    {
      method: 'get',
      path: '/health',
      operationId: 'getHealth',
      tag: 'Operations',
      summary: 'Health',
      description: '503 when something that is needed does not answer.',
      auth: 'optional',
      isWithoutStores: true,
      answer: { status: 200, description: 'Everything that is needed answers.', schema: Health },
      otherAnswers: {
        503: { description: 'Something that is needed does not answer.', schema: Health },
      },
    },
    async (c) => {
      const health = await checkHealth(c.get('ctx'))
      return health.status === 'healthy'
        ? health
        : c.json(Health.parse(health), 503, { 'retry-after': '5' })
    },
  ),
]
