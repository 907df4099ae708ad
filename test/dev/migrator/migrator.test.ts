import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MigrationError, migrate, parseJournal } from '../../../src/db/migrator.ts'
import { createNeon } from '../../../src/db/neon.ts'
import { connectionStringOf, type Endpoint, engines, scalar, startEmpty } from '../neon/support.ts'
import { appliedNames, tableExists } from './support.ts'

const BREAK = '\n--> statement-breakpoint\n'

describe.each(engines)('migrate on %s', (engine) => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty(engine)
  })
  afterAll(() => neon?.stop())

  const run = (migrations: { name: string; sql: string }[], log?: (line: string) => void) =>
    migrate({
      connectionString: neon.connectionString,
      fetchEndpoint: neon.sqlUrl,
      migrations,
      ...(log ? { log } : {}),
    })
  const first = {
    name: '0000_first',
    sql: `create table a (i int);${BREAK}create table b (i int);`,
  }
  const second = { name: '0001_second', sql: 'alter table a add column j int' }
  const failure = (migrations: { name: string; sql: string }[]) =>
    run(migrations).then(
      () => expect.fail('it did not fail'),
      (error: unknown) => error as MigrationError,
    )

  it('applies what is new, once, in order', async () => {
    expect(await run([])).toEqual([])
    const lines: string[] = []
    expect(await run([first], (line) => lines.push(line))).toEqual(['0000_first'])
    expect(lines).toEqual(['Applied 0000_first'])
    expect(await run([first])).toEqual([])
    expect(await run([first, second])).toEqual(['0001_second'])
    expect(await run([first, second])).toEqual([])
    expect(await appliedNames(neon)).toEqual(['0000_first', '0001_second'])
  })

  it('runs many times at once and applies each migration once', async () => {
    const many = [first, second]
    for (let i = 2; i < 6; i += 1) {
      many.push({
        name: `000${i}_more`,
        sql: `create table more_${i} ()${BREAK}insert into b values (${i})`,
      })
    }
    const applied = await Promise.all(Array.from({ length: 6 }, () => run(many)))
    expect(applied.flat().sort()).toEqual(many.slice(2).map((one) => one.name))
    const sql = createNeon(neon.connectionString, neon.sqlUrl)
    expect(await sql`select i from b order by i`).toEqual([2, 3, 4, 5].map((i) => ({ i })))
  })

  it('can run for the first time many times at once', async () => {
    const sql = createNeon(neon.connectionString, neon.sqlUrl)
    for (let round = 0; round < 5; round += 1) {
      await sql`alter schema migrations rename to kept`
      const runs = await Promise.allSettled(Array.from({ length: 12 }, () => run([])))
      await sql`drop schema migrations cascade`
      await sql`alter schema kept rename to migrations`
      expect(runs.map((one) => one.status)).toEqual(Array(12).fill('fulfilled'))
    }
  })

  it('refuses an edited migration, but not other line ends', async () => {
    expect(await run([{ ...first, sql: first.sql.replaceAll('\n', '\r\n') }])).toEqual([])
    const error = await failure([
      { ...first, sql: `${first.sql} -- edited` },
      { name: '0100_new', sql: 'create table never ()' },
    ])
    expect(error).toBeInstanceOf(MigrationError)
    expect(error.message).toMatch(/^Migration 0000_first was applied with other content/)
    expect(await tableExists(neon, 'never')).toBe(false)
  })

  it('leaves nothing of a migration that fails, and takes the corrected one', async () => {
    const broken = { name: '0200_broken', sql: `create table half ()${BREAK}select nonsense` }
    const error = await failure([first, broken])
    expect(error.message).toBe(
      'Migration 0200_broken failed, nothing of it was applied: column "nonsense" does not exist (SQLSTATE 42703)',
    )
    expect(error.code).toBe('42703')
    expect(await tableExists(neon, 'half')).toBe(false)
    expect(await appliedNames(neon)).not.toContain('0200_broken')
    expect(await run([first, { ...broken, sql: 'create table half ()' }])).toEqual(['0200_broken'])
  })

  it('leaves nothing of a migration that fails only at commit', async () => {
    const late = {
      name: '0250_late',
      sql: `create table late (i int unique deferrable initially deferred)${BREAK}insert into late values (1), (1)`,
    }
    expect((await failure([first, late])).code).toBe('23505')
    expect(await tableExists(neon, 'late')).toBe(false)
    expect(await appliedNames(neon)).not.toContain('0250_late')
  })

  it('says what to do about several statements without a breakpoint', async () => {
    const error = await failure([first, { name: '0300_two', sql: 'select 1; select 2' }])
    expect(error.message).toContain('separate statements by a line "--> statement-breakpoint"')
  })

  it('refuses statements that would end its transaction', async () => {
    for (const statement of [
      'COMMIT',
      '-- note\nbegin;',
      '/* x */ rollback',
      'start transaction',
    ]) {
      const error = await failure([
        first,
        { name: '0400_tx', sql: `create table tx ()${BREAK}${statement}` },
      ])
      expect(error.message).toMatch(/^Migration 0400_tx begins or ends a transaction/)
    }
    expect(await tableExists(neon, 'tx')).toBe(false)
  })

  it('leaves out parts without a statement', async () => {
    const sql = `-- only a comment${BREAK}${BREAK}  ;${BREAK}create table parts ();${BREAK}/* end */`
    expect(await run([first, { name: '0500_parts', sql }])).toEqual(['0500_parts'])
  })

  it('holds its lock while a migration runs, and gives it back', async () => {
    const locks = "select count(*)::int as n from pg_locks where locktype = 'advisory' and granted"
    const sql = `create table seen as ${locks}`
    expect(await run([first, { name: '0550_locked', sql }])).toEqual(['0550_locked'])
    expect(await scalar(neon, 'select n from seen')).toBe('1')
    expect(await scalar(neon, locks)).toBe('0')
  })

  it('is not confused by a unique violation of the migration itself', async () => {
    const sql = `create table dup (i int unique)${BREAK}insert into dup values (1), (1)`
    expect((await failure([first, { name: '0600_dup', sql }])).code).toBe('23505')
  })

  it('takes the password out of what PostgreSQL says', async () => {
    const password = decodeURIComponent(new URL(neon.connectionString).password)
    const error = await failure([first, { name: '0700_leak', sql: `select '${password}'::int` }])
    expect(error.message).toContain('invalid input syntax for type integer: "[password]"')
  })

  it('never shows the password', async () => {
    const login = { user: 'u', password: 'hunter2 hunter3', database: 'd' }
    const attempts = [
      { connectionString: 'postgres://u:hunter2@', fetchEndpoint: neon.sqlUrl },
      { connectionString: 'hunter2', fetchEndpoint: neon.sqlUrl },
      { connectionString: connectionStringOf(login), fetchEndpoint: neon.sqlUrl },
      { connectionString: connectionStringOf(login), fetchEndpoint: 'http://127.0.0.1:1/sql' },
      { connectionString: connectionStringOf(login), fetchEndpoint: 'hunter2' },
    ]
    for (const attempt of attempts) {
      const error = await migrate({ ...attempt, migrations: [first] }).catch((e: unknown) => e)
      expect(error).toBeInstanceOf(MigrationError)
      const { message, stack, cause } = error as MigrationError
      expect(`${message}${stack}${JSON.stringify(cause)}`).not.toMatch(
        /hunter2%20|hunter2 hunter3|@ep-local|u:hunter2/,
      )
    }
  })
})

describe('parseJournal', () => {
  it('gives the names by index', () => {
    const entries = [
      { idx: 1, tag: 'b' },
      { idx: 0, tag: 'a' },
    ]
    expect(parseJournal(JSON.stringify({ entries }))).toEqual(['a', 'b'])
  })

  it.each(['', '{', 'null', '{}', '{"entries":{}}', '{"entries":[{}]}', '{"entries":[null]}'])(
    'refuses %j',
    (text) => {
      expect(() => parseJournal(text)).toThrow(MigrationError)
    },
  )
})
