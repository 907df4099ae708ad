import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Endpoint, engines, post, scalar, startEmpty, untilAsked } from './support.ts'

const LEVELS = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
}

describe.each(engines)('/sql batches on %s', (engine) => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty(engine)
    await post(neon, {
      queries: [
        { query: 'create table t (i int unique)' },
        { query: 'create table d (i int unique deferrable initially deferred)' },
      ],
    })
  })
  afterAll(() => neon?.stop())

  const batch = (queries: string[], headers = {}) =>
    post(neon, { queries: queries.map((query) => ({ query })) }, headers)
  const count = (table: string) => scalar(neon, `select count(*) from ${table}`)

  it('answers an empty batch', async () => {
    expect(await batch([])).toMatchObject({ status: 200, body: { results: [] } })
  })

  it('runs in one transaction and commits it', async () => {
    const { body } = await batch([
      'insert into t values (1)',
      'select i, txid_current_if_assigned()::text x from t',
      'select txid_current()::text x',
    ])
    expect(body.results.map((one) => one.command)).toEqual(['INSERT', 'SELECT', 'SELECT'])
    const [, second, third] = body.results.map((one) => one.rows[0] as { x: string })
    expect(second!.x).toBe(third!.x)
    expect(await count('t')).toBe('1')
  })

  it('undoes everything at the first error', async () => {
    const before = await count('t')
    const { status, body } = await batch([
      'insert into t values (100)',
      'insert into t values (100)',
      'insert into t values (101)',
    ])
    expect([status, body.code, body.constraint]).toEqual([400, '23505', 't_i_key'])
    expect(await count('t')).toBe(before)
  })

  it('reports an error that comes only with COMMIT', async () => {
    const { status, body } = await batch(['insert into d values (1)', 'insert into d values (1)'])
    expect([status, body.code, body.constraint]).toEqual([400, '23505', 'd_i_key'])
    expect(await count('d')).toBe('0')
  })

  it.each(Object.entries(LEVELS))('runs at isolation level %s', async (level, name) => {
    const { headers, body } = await batch(['show transaction_isolation'], {
      'Neon-Batch-Isolation-Level': level,
    })
    expect(body.results[0]!.rows).toEqual([{ transaction_isolation: name }])
    expect(headers.get('neon-batch-isolation-level')).toBe(level)
    expect(headers.get('neon-batch-read-only')).toBeNull()
  })

  it('refuses another isolation level', async () => {
    const answer = await batch(['select 1'], { 'Neon-Batch-Isolation-Level': 'serializable' })
    expect(answer).toMatchObject({ status: 400, body: { message: 'invalid isolation level' } })
  })

  it('runs read-only and deferrable', async () => {
    const all = {
      'Neon-Batch-Isolation-Level': 'Serializable',
      'Neon-Batch-Read-Only': 'true',
      'Neon-Batch-Deferrable': 'true',
    }
    const answer = await batch(['show transaction_read_only', 'show transaction_deferrable'], all)
    expect(answer.body.results.map((one) => Object.values(one.rows[0]!)[0])).toEqual(['on', 'on'])
    for (const [name, value] of Object.entries(all)) expect(answer.headers.get(name)).toBe(value)

    const write = await batch(['insert into t values (7)'], { 'Neon-Batch-Read-Only': 'true' })
    expect(write).toMatchObject({ status: 400, body: { code: '25006' } })
    const off = await batch(['insert into t values (8)'], { 'Neon-Batch-Read-Only': 'false' })
    expect(off.status).toBe(200)
    expect(off.headers.get('neon-batch-read-only')).toBeNull()
  })

  it('does not let a bare BEGIN or a failed one reach the next request', async () => {
    const before = await count('t')
    expect((await post(neon, { query: 'begin' })).status).toBe(200)
    expect((await post(neon, { query: 'insert into t values (500)' })).status).toBe(200)
    expect(await count('t')).toBe(String(Number(before) + 1))
    await post(neon, { query: 'begin' })
    await post(neon, { query: 'select 1/0' })
    await post(neon, { query: 'rollback' })
    // Kept: it was a request of its own, in no transaction.
    expect(await scalar(neon, 'select i from t where i = 500')).toBe('500')
    expect((await batch(['begin', 'select 1/0'])).status).toBe(400)
    expect(await scalar(neon, 'select 1')).toBe('1')
  })

  it('does not let the state of a session reach the next request', async () => {
    const initial = await scalar(neon, 'show search_path')
    const login = await scalar(neon, 'select current_user')
    for (const query of [
      "set search_path = 'elsewhere'",
      "select set_config('search_path', 'elsewhere', false)",
      '/* first */ set role none',
      'create temp table leak (i int)',
      'select pg_advisory_lock(4711)',
      'listen leak',
      'prepare leak as select 1',
    ]) {
      expect([query, (await post(neon, { query })).status]).toEqual([query, 200])
    }
    const state = `select to_regclass('leak') is null and to_regclass('pg_temp.leak') is null
      and not exists (select from pg_locks where locktype = 'advisory')
      and not exists (select from pg_prepared_statements where name = 'leak')
      and not exists (select from pg_listening_channels())`
    // A pool hands out several connections: ask all of them.
    const answers = Array.from({ length: 20 }, () => scalar(neon, `${state}, pg_sleep(0.02)`))
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['t']))
    expect(await scalar(neon, 'show search_path')).toBe(initial)
    expect(await scalar(neon, 'select current_user')).toBe(login)
  })

  it('keeps concurrent batches apart and loses none', async () => {
    await post(neon, { query: 'create table account (id int primary key, amount int)' })
    await post(neon, { query: 'insert into account select i, 100 from generate_series(1, 5) i' })
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        batch([
          `update account set amount = amount - 1 where id = 1`,
          `update account set amount = amount + ${n % 3 === 0 ? '1/0' : '1'} where id = 2`,
        ]),
      ),
    )
    expect(answers.filter((one) => one.status === 400)).toHaveLength(34)
    expect(await scalar(neon, 'select amount from account where id = 1')).toBe('34')
    expect(await scalar(neon, 'select amount from account where id = 2')).toBe('166')
  })

  it('debits atomically by a conditional UPDATE', async () => {
    await post(neon, { query: 'update account set amount = 10 where id = 3' })
    const debit = { query: 'update account set amount = amount - 1 where id = 3 and amount > 0' }
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(neon, debit)))
    expect(answers.filter((one) => one.body.rowCount === 1)).toHaveLength(10)
    expect(await scalar(neon, 'select amount from account where id = 3')).toBe('0')
  })

  it('undoes a batch whose client goes away, and serves the others', async () => {
    const client = new AbortController()
    const queries = [
      'insert into t values (900)',
      'select pg_sleep(1.25)',
      'insert into t values (901)',
    ]
    const body = { queries: queries.map((query) => ({ query })) }
    const lost = post(neon, body, {}, { signal: client.signal })
    const rejected = expect(lost).rejects.toThrow()
    await untilAsked(neon, 'pg_sleep(1.25)')
    client.abort()
    await rejected
    // On one connection this waits for the sleep to end.
    expect(await scalar(neon, 'select 1')).toBe('1')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await scalar(neon, 'select count(*) from t where i >= 900')).toBe('0')
  })

  it('survives statements that need more stack than there is', async () => {
    const terms = Array.from({ length: 9_000 }, (_, i) => `$${i + 1}::int`).join('+')
    const params = Array(9_000).fill('1')
    const deep = await post(neon, { query: `select ${terms}`, params })
    expect([200, 400]).toContain(deep.status)
    if (deep.status === 400) expect(deep.body.code).toBe('54001')
    await post(neon, {
      queries: [
        {
          query:
            'create function deep(i int) returns int language plpgsql as $$ begin return deep(i + 1); end $$',
        },
        // Without the check the function may refer to itself before it exists.
        { query: 'set local check_function_bodies = off' },
        {
          query:
            'create function deep_sql(i int) returns int language sql as $$ select deep_sql(i + 1) $$',
        },
      ],
    })
    for (const query of ['select deep(1)', 'select deep_sql(1)']) {
      expect(await post(neon, { query })).toMatchObject({ status: 400, body: { code: '54001' } })
    }
    expect(await count('t')).toMatch(/^\d+$/)
  })
})
