import pg from 'pg'
import { withoutDriver } from '../../src/db/connection-string.ts'
import { createNeon } from '../../src/db/neon.ts'
import { UsageError } from '../cli/target.ts'

type Row = Record<string, unknown>

export interface SourceKey {
  id: number
  key: string
  name: string | null
  config_type: string | null
  is_active: boolean
  created_at: string
  last_used_at: string | null
  expires_at: string | null
}

/** A person of the original with what is theirs, as it is stored there. */
export interface SourcePerson {
  id: number
  username: string
  password_hash: string | null
  oauth_id: string | null
  avatar_url: string | null
  trust_level: number
  is_active: boolean
  is_silenced: boolean
  created_at: string
  last_login_at: string | null
  plugin_key: string | null
  plugin_user_id: string | null
  api_keys: SourceKey[]
}

export interface SourceUsage {
  id: number
  user_id: number
  api_key_id: number | null
  endpoint: string | null
  model_name: string | null
  quota_consumed: number | null
  created_at: string
}

/** The original's database; it is only read. */
export interface Source {
  /** Tells it from other sources, without a password. */
  name: string
  highestIds(): Promise<{ user: number; key: number }>
  /** The next people in the order of their ids; none: that was all. */
  people(after: number, limit: number): Promise<SourcePerson[]>
  usage(after: number, limit: number): Promise<SourceUsage[]>
  close(): Promise<void>
}

/**
 * Opens the original's database: over PostgreSQL's own protocol, or over Neon's where an endpoint is given.
 *
 * @throws {UsageError} in one line, when it does not answer or its tables are not the original's
 */
export async function openSource(
  url: string,
  { endpoint, schema = 'public' }: { endpoint?: string | undefined; schema?: string | undefined },
): Promise<Source> {
  const address = withoutDriver(url)
  if (!URL.canParse(address)) throw new UsageError('--from is not of the form postgres://…')
  const { host, pathname } = new URL(address)
  const { query, close } = endpoint ? overHttp(address, endpoint) : await overWire(address)
  const table = (name: string) => `"${schema.replaceAll('"', '""')}"."${name}"`
  const ask = async <Answer = Row>(text: string, values: unknown[] = []) =>
    (await query(text, values).catch(explain)) as Answer[]
  // Parts of the original's history lack columns that it does not use itself.
  return {
    name: `${host}${pathname}/${schema}`,
    async highestIds() {
      const [row] = await ask<{ user: number; key: number }>(
        `select coalesce((select max(id) from ${table('users')}), 0)::int as "user",
          coalesce((select max(id) from ${table('api_keys')}), 0)::int as "key"`,
      )
      return row ?? { user: 0, key: 0 }
    },
    people: (after, limit) =>
      ask<SourcePerson>(
        `select u.id, u.username, u.password_hash, u.oauth_id, u.avatar_url, u.trust_level, u.is_active,
          u.is_silenced, u.created_at::text, u.last_login_at::text,
          p.api_key as plugin_key, p.plugin_user_id,
          coalesce((select jsonb_agg(to_jsonb(k) order by k.id) from ${table('api_keys')} k
            where k.user_id = u.id), '[]') as api_keys
        from ${table('users')} u
        left join ${table('plugin_api_keys')} p on p.user_id = u.id and p.is_active
        where u.id > $1 order by u.id limit $2`,
        [after, limit],
      ),
    usage: (after, limit) =>
      ask<SourceUsage>(
        `select id, user_id, api_key_id, endpoint, model_name, quota_consumed, created_at::text
        from ${table('usage_logs')} where id > $1 order by id limit $2`,
        [after, limit],
      ),
    close,
  }
}

function overHttp(url: string, endpoint: string) {
  const sql = createNeon(url, endpoint)
  return {
    query: (text: string, values: unknown[]): Promise<unknown[]> => sql.query(text, values),
    close: async () => undefined,
  }
}

async function overWire(url: string) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  await client.connect().catch(explain)
  return {
    query: async (text: string, values: unknown[]): Promise<unknown[]> =>
      (await client.query(text, values)).rows,
    close: () => client.end(),
  }
}

/** The driver's message could hold the address with its password. */
function explain(error: unknown): never {
  const code = (error as { code?: unknown }).code
  const missing = code === '42P01' || code === '42703'
  throw new UsageError(
    missing
      ? 'The database given with --from does not have the tables of the original (is --schema right?)'
      : `The database given with --from did not answer${typeof code === 'string' ? ` (${code})` : ''}`,
  )
}
