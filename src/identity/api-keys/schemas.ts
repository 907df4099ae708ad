import * as z from 'zod'
import { IdInput } from '../../platform/http/id-input.ts'
import { Units } from '../../platform/units.ts'
import { SCOPES } from '../../scopes.ts'

const Name = z.string().trim().max(100)
const Description = z.string().trim().max(500)
const Models = z
  .array(z.string().trim().min(1).max(200))
  .min(1)
  .max(100)
  .transform((models) => [...new Set(models)])
const RequestsPerMinute = z.int().positive().max(1_000_000)
const Moment = z.iso.datetime({ offset: true })

export const CreateKeyInput = z
  .object({
    name: Name.optional(),
    description: Description.optional(),
    config_type: z
      .literal('antigravity', {
        error:
          'Only "antigravity": accounts of other systems (Kiro, Qwen) can neither be brought here nor counted.',
      })
      .default('antigravity')
      .describe('The account system that requests with this key draw from.'),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(SCOPES.length)
      .transform((scopes) => [...new Set(scopes)])
      .optional()
      .describe('Narrows the key to these; absent: everything that a key may.'),
    models: Models.optional().describe('The only models that the key may ask for; absent: all.'),
    requests_per_minute: RequestsPerMinute.optional().describe(
      'A limit of its own, below that of your role.',
    ),
    quota_per_day: Units.optional().describe('What it may use in one day (UTC), in units.'),
    quota_per_month: Units.optional().describe('What it may use in one month (UTC), in units.'),
    expires_at: Moment.optional().describe('The key stops working at this moment.'),
  })
  .meta({ id: 'CreateKeyInput' })

/** Absent fields stay. */
export const UpdateKeyInput = z
  .object({
    name: Name.nullish(),
    description: Description.nullish(),
    models: Models.nullish().describe('The only models that the key may ask for; null: all.'),
    requests_per_minute: RequestsPerMinute.nullish(),
    quota_per_day: Units.nullish().describe('In units; null takes the limit away.'),
    quota_per_month: Units.nullish().describe('In units; null takes the limit away.'),
    expires_at: Moment.nullish().describe('Null: never.'),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    error: 'Give at least one field to change.',
  })
  .meta({ id: 'UpdateKeyInput' })

export const KeyStatusInput = z.object({ is_active: z.boolean() }).meta({ id: 'KeyStatusInput' })

export const ApiKey = z
  .object({
    id: z.int(),
    user_id: z.int(),
    name: z.string().nullable(),
    description: z.string().nullable(),
    key_preview: z.string().describe('The beginning of the key, to recognise it by.'),
    config_type: z.string(),
    scopes: z.array(z.string()).nullable(),
    models: z.array(z.string()).nullable(),
    requests_per_minute: z.int().nullable(),
    quota_per_day: z.number().nullable(),
    quota_per_month: z.number().nullable(),
    is_active: z.boolean(),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' })

export const CreatedKey = ApiKey.extend({
  key: z.string().describe('The key itself: shown now and never again.'),
}).meta({ id: 'CreatedApiKey' })

export const KeyId = z.object({ id: IdInput })

export const Deleted = z.object({ message: z.string(), success: z.boolean() }).meta({ id: 'Done' })
