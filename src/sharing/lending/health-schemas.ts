import * as z from 'zod'

/** Why an account, or a model of it, is not used, or not by everybody, and what to do about it. */
export const Reason = z
  .object({
    code: z.enum([
      'needs_reauthorization',
      'disabled',
      'held_back',
      'model_exhausted',
      'model_disabled',
    ]),
    message: z.string().describe('What a person reads.'),
    model: z.string().optional(),
    until: z.iso.datetime().optional().describe('When it ends by itself.'),
  })
  .meta({ id: 'HealthReason' })
export type Reason = z.output<typeof Reason>

export const ModelHealth = z
  .object({ state: z.enum(['ok', 'exhausted', 'disabled']), reasons: z.array(Reason) })
  .meta({ id: 'ModelHealth' })
export type ModelHealth = z.output<typeof ModelHealth>

export const AccountHealth = z
  .object({
    state: z
      .enum(['ok', 'limited', 'disabled', 'needs_reauthorization'])
      .describe('limited: usable, but not for every model; known only where quotas were read.'),
    reasons: z.array(Reason),
  })
  .meta({ id: 'AccountHealth' })
export type AccountHealth = z.output<typeof AccountHealth>
