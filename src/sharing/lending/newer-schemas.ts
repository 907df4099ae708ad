import * as z from 'zod'
import { MaybeBoolean, MaybeText, Moment } from '../plugin/index.ts'

export const ImportInput = z
  .object({
    refresh_token: z.string().trim().min(1).max(4096).describe("The vendor's refresh token."),
    is_shared: z
      .union([z.literal(0), z.literal(1), z.boolean()])
      .transform(Number)
      .default(0)
      .describe('1 lends the account to everybody, 0 keeps it to yourself.'),
  })
  .meta({ id: 'ImportAccountInput' })

export const AccountDetail = z
  .object({
    cookie_id: z.string(),
    name: MaybeText,
    email: MaybeText,
    paid_tier: MaybeBoolean,
    subscription_tier: MaybeText,
    created_at: Moment,
  })
  .meta({ id: 'AccountDetail' })

export const Projects = z
  .object({
    cookie_id: z.string(),
    current_project_id: MaybeText,
    default_project_id: MaybeText,
    projects: z.array(z.object({ project_id: z.string(), name: MaybeText })),
  })
  .meta({ id: 'AccountProjects' })

export const ProjectInput = z
  .object({ project_id: z.string().trim().min(1).max(200) })
  .meta({ id: 'AccountProjectInput' })
