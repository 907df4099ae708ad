import { createNeon, type NeonClient } from '../../src/db/neon.ts'
import type { Target } from '../cli/target.ts'

/** Marks of one source: what of it is here, so that nothing is taken twice, or again after it was deleted. */
export interface Marks {
  users: Map<number, number>
  keys: Map<number, number>
}

/** Where people move to. */
export class Destination {
  readonly sql: NeonClient
  readonly source: string

  constructor(target: Target, source: string) {
    this.sql = createNeon(target.databaseUrl, target.neonEndpoint)
    this.source = source
  }

  /** Makes the table of marks, beside the product's own tables like that of the migrations. */
  async prepare(): Promise<void> {
    await this.sql.transaction([
      this.sql.query(`select pg_advisory_xact_lock(7236411902356)`),
      this.sql.query('create schema if not exists imports'),
      this.sql.query(
        `create table if not exists imports.marks (source text not null, kind text not null,
          old_id bigint not null, new_id bigint not null, primary key (source, kind, old_id))`,
      ),
    ])
  }

  async marks(users: number[], keys: number[]): Promise<Marks> {
    if (!(await this.#hasMarks())) return { users: new Map(), keys: new Map() }
    const rows = await this.sql.query(
      `select kind, old_id::int, new_id::int from imports.marks where source = $1 and
        (kind = 'user' and old_id = any($2::bigint[]) or kind = 'key' and old_id = any($3::bigint[]))`,
      [this.source, users, keys],
    )
    const of = (kind: string) =>
      new Map(
        rows
          .filter((row) => row.kind === kind)
          .map((row) => [Number(row.old_id), Number(row.new_id)] as const),
      )
    return { users: of('user'), keys: of('key') }
  }

  /** How far the usage rows have come. */
  async usageMark(): Promise<number> {
    if (!(await this.#hasMarks())) return 0
    const [row] = await this.sql.query(
      `select new_id::int from imports.marks where source = $1 and kind = 'usage' and old_id = 0`,
      [this.source],
    )
    return Number(row?.new_id ?? 0)
  }

  /** Keeps ids up to that for the import: whoever registers meanwhile gets a higher one. */
  async reserve(table: 'users' | 'api_keys', highest: number): Promise<void> {
    await this.sql.query(
      `select setval('${table}_id_seq', $1::int) from ${table}_id_seq where last_value < $1::int`,
      [highest],
    )
  }

  async newIds(table: 'users' | 'api_keys', count: number): Promise<number[]> {
    if (count === 0) return []
    const rows = await this.sql.query(
      `select nextval('${table}_id_seq')::int as id from generate_series(1, $1::int)`,
      [count],
    )
    return rows.map((row) => Number(row.id))
  }

  /** What is in use of each of these. */
  async inUse(wanted: {
    ids: number[]
    names: string[]
    skeletons: string[]
    subjects: string[]
    keyIds: number[]
    hashes: string[]
  }) {
    const read = (text: string, values: unknown[]) => this.sql.query(text, [values])
    const [ids, names, skeletons, subjects, keyIds, hashes] = await this.sql.transaction([
      read('select id as value from users where id = any($1::int[])', wanted.ids),
      read(
        'select username_key as value from users where username_key = any($1::text[])',
        wanted.names,
      ),
      read(
        'select username_skeleton as value from users where username_skeleton = any($1::text[])',
        wanted.skeletons,
      ),
      read(
        `select issuer || '#' || subject as value from identities where issuer || '#' || subject = any($1::text[])`,
        wanted.subjects,
      ),
      read('select id as value from api_keys where id = any($1::int[])', wanted.keyIds),
      read(
        'select key_hash as value from api_keys where key_hash = any($1::text[])',
        wanted.hashes,
      ),
    ])
    const set = <T>(rows: Record<string, unknown>[] | undefined) =>
      new Set((rows ?? []).map((row) => row.value as T))
    return {
      ids: set<number>(ids),
      names: set<string>(names),
      skeletons: set<string>(skeletons),
      subjects: set<string>(subjects),
      keyIds: set<number>(keyIds),
      hashes: set<string>(hashes),
    }
  }

  async #hasMarks(): Promise<boolean> {
    const [row] = await this.sql.query(`select to_regclass('imports.marks') is not null as found`)
    return row?.found === true
  }
}
