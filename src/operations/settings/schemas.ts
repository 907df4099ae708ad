import * as z from 'zod'

export const Setting = z
  .object({
    name: z.string(),
    state: z
      .enum(['set', 'default', 'unset'])
      .describe('Set by this deployment, our default, or neither.'),
    is_secret: z.boolean(),
    value: z.string().nullable().describe('As it was written; of a secret null.'),
  })
  .meta({ id: 'Setting' })
