import type { NeonClient } from '../../src/db/neon.ts'

/** What the books are filled with. */
export interface Books {
  calls: number
  people: number
  days: number
}

const CHUNK = 250_000
const MODELS = 12

/**
 * Fills the books as years of use would: calls in the order in which they came, few people with many
 * and many with few, two keys for each and some calls without, failures, and latencies from
 * milliseconds to minutes.
 *
 * @param heaviest the person who gets the most calls, about a tenth of all
 */
export async function fillBooks(
  sql: NeonClient,
  { calls, people, days }: Books,
  heaviest: number,
  onProgress: (message: string) => void,
): Promise<void> {
  await sql`
    insert into users (username, username_key, created_at, updated_at)
    select 'bench-' || n, 'bench-' || n, now(), now() from generate_series(2, ${people}::int) n`
  await sql`
    insert into api_keys (user_id, name, key_hash, key_preview, created_at)
    select u.id, 'key ' || k, 'bench-' || u.id || '-' || k, 'sk-bench', now()
    from users u, generate_series(1, 2) k where u.username_key like 'bench-%' or u.id = ${heaviest}`
  await sql`
    create table bench_people as
    select row_number() over (order by u.id <> ${heaviest}, u.id)::int as n, u.id as user_id,
      (select array_agg(k.id order by k.id desc) from api_keys k where k.user_id = u.id) as keys
    from users u where u.username_key like 'bench-%' or u.id = ${heaviest}`
  await sql`create unique index on bench_people (n)`
  for (let from = 0; from < calls; from += CHUNK) {
    const to = Math.min(from + CHUNK, calls)
    await sql`
      insert into usage_logs (id, request_id, user_id, api_key_id, endpoint, model, stream, status,
        error_code, prompt_tokens, completion_tokens, quota, time_to_first_byte_ms, duration_ms,
        created_at, written_at)
      select lpad(to_hex(c.n), 32, '0')::uuid, 'bench', p.user_id,
        case when r2 < 0.9 then p.keys[1 + (r2 * 1.5)::int] end, '/v1/chat/completions',
        'model-' || (p.n + floor(r1 * r1 * 3)::int) % ${MODELS}::int, r2 < 0.7,
        case when r3 < 0.95 then 200 when r3 < 0.98 then 429 else 502 end,
        case when r3 >= 0.95 then 'some_failure' end,
        (r1 * 4000)::int, (r2 * 2000)::int, case when r3 < 0.95 then (r1 * 300)::int end,
        case when r3 < 0.98 then exp(4 + 5 * r2)::int end, exp(5 + 6 * r1)::int, at, at
      from (
        select n, random() as r1, random() as r2, random() as r3,
          1 + floor(power(random(), 3) * ${people}::int)::int as person,
          now() - (${calls}::int - n) * (${days}::int * interval '1 day' / ${calls}::int) as at
        from generate_series(${from}::int, ${to}::int - 1) n) c
      join bench_people p on p.n = c.person
      order by c.n`
    onProgress(`${to.toLocaleString('en')} calls written`)
  }
  await sql`drop table bench_people`
  for (const table of ['usage_logs', 'users', 'api_keys']) await sql.query(`analyze ${table}`, [])
}
