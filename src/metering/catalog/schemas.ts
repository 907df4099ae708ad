import * as z from 'zod'
import { FACES } from '../../db/schema/index.ts'
import { Units } from '../../platform/units.ts'

const name = (what: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .refine(
      (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
      `${what} has no control characters.`,
    )

const StandsFor = z
  .partialRecord(z.enum(FACES), name('A model'))
  .describe('By protocol; `any` counts where nothing is said of the one that a client speaks.')

export const CatalogModel = z
  .object({
    id: z
      .string()
      .describe('Name by which clients ask for it; one that ends in `*` means all that begin so.'),
    group: z.string().describe('Models of one group draw from one pool.'),
    weight: z.number().describe('What one token of it counts; 1 is usual.'),
    is_enabled: z.boolean().describe('False: hidden, and refused.'),
    request_estimate: z
      .number()
      .nullable()
      .describe('Units that one request is expected to use; null: as configured.'),
    stands_for: StandsFor.nullable().describe(
      'The model that is meant by this name; null: itself.',
    ),
    is_default: z.boolean().describe('Nobody has said anything about it.'),
  })
  .meta({ id: 'CatalogModel' })

export const ModelId = z.object({ id: name('A model') })

export const ModelInput = z
  .object({
    group: name('A group').optional().describe('Of a new one: the group it has without a row.'),
    weight: Units.optional().describe('Four decimals count; 1 for a new one.'),
    is_enabled: z.boolean().optional(),
    request_estimate: Units.nullable().optional().describe('Units; null: as configured.'),
    stands_for: StandsFor.nullable()
      .optional()
      .describe('Makes the name an alias, in the words of a client that knows no other.'),
  })
  .meta({ id: 'CatalogModelInput', description: 'What is absent stays as it is.' })

export const ModelDeleted = z
  .object({ success: z.boolean(), message: z.string() })
  .meta({ id: 'CatalogModelDeleted' })
