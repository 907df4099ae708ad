import type * as z from 'zod'
import { toUnits } from '../../platform/units.ts'
import type { ApiKeyRow } from './queries.ts'
import type { ApiKey } from './schemas.ts'

/** A key as the API shows it: without the key. */
export function toApiKey(row: ApiKeyRow, nowMs: number): z.input<typeof ApiKey> {
  return {
    id: row.id,
    user_id: row.userId,
    name: row.name,
    description: row.description,
    key_preview: row.keyPreview,
    config_type: row.configType,
    scopes: row.scopes,
    models: row.models,
    requests_per_minute: row.requestsPerMinute,
    quota_per_day: row.quotaPerDay === null ? null : toUnits(row.quotaPerDay),
    quota_per_month: row.quotaPerMonth === null ? null : toUnits(row.quotaPerMonth),
    is_active:
      row.isActive &&
      row.revokedAt === null &&
      (row.expiresAt === null || row.expiresAt.getTime() > nowMs),
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    expires_at: row.expiresAt?.toISOString() ?? null,
  }
}
