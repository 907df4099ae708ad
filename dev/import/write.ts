import { sha256Hex } from '../../src/platform/crypto/hash.ts'
import type { Destination } from './destination.ts'
import type { Plan } from './plan.ts'
import type { SourceUsage } from './source.ts'

const PERSON = `old_id int, id int, username text, username_key text, username_skeleton text,
  password_hash text, avatar_url text, trust_level int, is_active boolean, is_silenced boolean,
  created_at timestamptz, last_login_at timestamptz, plugin_name text, plugin_user_id text,
  key_ciphertext text, identity jsonb`
const KEY = `old_id int, id int, user_id int, name text, key_hash text, key_preview text,
  is_active boolean, created_at timestamptz, last_used_at timestamptz, expires_at timestamptz`
const USAGE = `id uuid, old_id int, user_old int, key_old int, endpoint text, model text, quota int, created_at timestamptz`

/** The person whom this very batch has added, and nobody who has the name or the number by now. */
const ADDED = 'join users u on u.id = r.id and u.username_key = r.username_key'

/**
 * Writes a batch whole or not at all, with the marks that say so: whoever dies in between has done nothing,
 * and begins with this batch anew. Of what somebody else was quicker to take, nothing is written.
 */
export async function writePeople({ sql, source }: Destination, plan: Plan): Promise<void> {
  if (plan.people.length + plan.keys.length === 0) return
  const people = JSON.stringify(plan.people)
  const keys = JSON.stringify(plan.keys)
  const fromPeople = `from jsonb_to_recordset($1::jsonb) r(${PERSON})`
  const fromKeys = `from jsonb_to_recordset($1::jsonb) r(${KEY})`
  await sql.transaction(
    [
      sql.query(
        `insert into users (id, username, username_key, username_skeleton, password_hash, avatar_url,
          trust_level, is_active, is_silenced, created_at, updated_at, last_login_at)
        overriding system value
        select r.id, r.username, r.username_key, r.username_skeleton, r.password_hash, r.avatar_url,
          r.trust_level, r.is_active, r.is_silenced, r.created_at, now(), r.last_login_at
        ${fromPeople} on conflict do nothing`,
        [people],
      ),
      sql.query(
        `insert into plugin_accounts (user_id, plugin_name, state, plugin_user_id, key_ciphertext,
          next_attempt_at, created_at, updated_at)
        select r.id, r.plugin_name, case when r.key_ciphertext is null then 'pending' else 'ready' end,
          r.plugin_user_id, r.key_ciphertext, now(), now(), now()
        ${fromPeople} ${ADDED} on conflict do nothing`,
        [people],
      ),
      sql.query(
        `insert into identities (user_id, provider, issuer, subject, username, created_at, updated_at)
        select r.id, r.identity->>'provider', r.identity->>'issuer', r.identity->>'subject', r.username,
          r.created_at, now()
        ${fromPeople} ${ADDED} where jsonb_typeof(r.identity) = 'object' on conflict do nothing`,
        [people],
      ),
      sql.query(
        `insert into imports.marks (source, kind, old_id, new_id)
        select $2, 'user', r.old_id, r.id ${fromPeople} ${ADDED} on conflict do nothing`,
        [people, source],
      ),
      sql.query(
        `insert into api_keys (id, user_id, name, key_hash, key_preview, is_active, created_at,
          last_used_at, expires_at)
        overriding system value
        select r.id, r.user_id, r.name, r.key_hash, r.key_preview, r.is_active, r.created_at,
          r.last_used_at, r.expires_at
        ${fromKeys} join imports.marks m on m.source = $2 and m.kind = 'user' and m.new_id = r.user_id
        join users u on u.id = r.user_id on conflict do nothing`,
        [keys, source],
      ),
      sql.query(
        `insert into imports.marks (source, kind, old_id, new_id)
        select $2, 'key', r.old_id, r.id ${fromKeys}
        join api_keys k on k.id = r.id and k.key_hash = r.key_hash on conflict do nothing`,
        [keys, source],
      ),
    ],
    { isolationLevel: 'ReadCommitted', readOnly: false },
  )
}

/**
 * Writes a batch of usage rows of those who have been taken, and how far it has come.
 *
 * @returns how many it wrote
 */
export async function writeUsage(
  { sql, source }: Destination,
  batch: SourceUsage[],
): Promise<number> {
  const rows = batch.map((row) => ({
    id: uuidOf(`${source}#usage#${row.id}`),
    old_id: row.id,
    user_old: row.user_id,
    key_old: row.api_key_id,
    endpoint: row.endpoint ?? '',
    model: row.model_name,
    quota: row.quota_consumed === null ? null : Math.round(row.quota_consumed * 10_000),
    created_at: row.created_at,
  }))
  const [written] = await sql.transaction(
    [
      sql.query(
        `insert into usage_logs (id, request_id, user_id, api_key_id, endpoint, model, stream, status,
          quota, duration_ms, created_at)
        select r.id, 'import-' || r.old_id, m.new_id, k.id, r.endpoint, r.model, false, 200, r.quota, 0,
          r.created_at
        from jsonb_to_recordset($1::jsonb) r(${USAGE})
        join imports.marks m on m.source = $2 and m.kind = 'user' and m.old_id = r.user_old
        join users u on u.id = m.new_id
        left join imports.marks n on n.source = $2 and n.kind = 'key' and n.old_id = r.key_old
        left join api_keys k on k.id = n.new_id
        on conflict do nothing returning id`,
        [JSON.stringify(rows), source],
      ),
      sql.query(
        `insert into imports.marks (source, kind, old_id, new_id) values ($1, 'usage', 0, $2)
        on conflict (source, kind, old_id) do update set new_id = excluded.new_id`,
        [source, rows.at(-1)?.old_id ?? 0],
      ),
    ],
    { isolationLevel: 'ReadCommitted', readOnly: false },
  )
  return written?.length ?? 0
}

/** The same UUID for the same text (version 8, RFC 9562). */
function uuidOf(text: string): string {
  const hex = sha256Hex(text)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
