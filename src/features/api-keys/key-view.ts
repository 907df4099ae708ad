import type * as z from 'zod'
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
    is_active:
      row.revokedAt === null && (row.expiresAt === null || row.expiresAt.getTime() > nowMs),
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    expires_at: row.expiresAt?.toISOString() ?? null,
  }
}
