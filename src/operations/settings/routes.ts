import * as z from 'zod'
import { viewSettings } from '../../config/view.ts'
import { requirePermission } from '../../permissions.ts'
import { administration } from '../../platform/http/administration.ts'
import { type Endpoint, endpoint } from '../../platform/http/endpoint.ts'
import { Setting } from './schemas.ts'

export const settingEndpoints: Endpoint[] = [
  endpoint(
    {
      ...administration('settings:read'),
      method: 'get',
      path: '/admin/settings',
      operationId: 'listSettings',
      summary: 'The settings as they act',
      description: 'What is secret is only said to be set.',
      answer: { status: 200, description: 'All settings.', schema: z.array(Setting) },
    },
    async (c) => {
      const ctx = c.get('ctx')
      requirePermission(ctx, 'settings:read')
      return viewSettings(ctx.config.texts).map(({ isSecret, ...view }) => ({
        ...view,
        is_secret: isSecret,
      }))
    },
  ),
]
