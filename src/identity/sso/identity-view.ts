import type * as z from 'zod'
import type { Config } from '../../config.ts'
import { type Ctx, requirePerson } from '../../context.ts'
import { type IdentityRow, listIdentities } from './queries.ts'
import { listProviders } from './registry.ts'
import type { Identity } from './schemas.ts'

/** The person's identities, the oldest first. */
export async function listOwnIdentities(ctx: Ctx): Promise<z.input<typeof Identity>[]> {
  const rows = await listIdentities(ctx.services.db, requirePerson(ctx).userId)
  return rows.map((row) => toIdentity(ctx.config, row))
}

/** An identity as its owner sees it. */
export function toIdentity(config: Config, row: IdentityRow): z.input<typeof Identity> {
  return {
    id: row.id,
    provider: row.provider,
    provider_name:
      listProviders(config).find(({ id }) => id === row.provider)?.name ?? row.provider,
    issuer: row.issuer,
    subject: row.subject,
    username: row.username,
    email: row.email,
    email_verified: row.emailVerified,
    avatar_url: row.avatarUrl,
    created_at: row.createdAt.toISOString(),
    last_login_at: row.lastLoginAt?.toISOString() ?? null,
  }
}
