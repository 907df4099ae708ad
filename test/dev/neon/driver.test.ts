import { NeonDbError } from '@neondatabase/serverless'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/neon-http'
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgTable,
  serial,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNeon, type NeonClient } from '../../../src/db/neon.ts'
import { connectionStringOf, type Endpoint, engines, LOGIN, startEmpty } from './support.ts'

const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

const sample = pgTable('sample', {
  id: serial().primaryKey(),
  name: text().notNull().unique('sample_name_key'),
  flag: boolean(),
  small: integer(),
  big: bigint({ mode: 'bigint' }),
  price: numeric({ precision: 20, scale: 4 }),
  ratio: doublePrecision(),
  day: date(),
  at: timestamp({ withTimezone: true }),
  data: jsonb(),
  raw: bytea(),
  key: uuid(),
  tags: text().array(),
  matrix: integer().array().array(),
})

describe.each(engines)('the Neon driver and drizzle on %s', (engine) => {
  let neon: Endpoint
  let client: NeonClient
  beforeAll(async () => {
    neon = await startEmpty(engine)
    client = createNeon(neon.connectionString, neon.sqlUrl)
    await client`create table sample (
      id serial primary key, name text not null constraint sample_name_key unique, flag boolean,
      small int, big bigint, price numeric(20, 4), ratio double precision, day date,
      at timestamptz, data jsonb, raw bytea, key uuid, tags text[], matrix int[][])`
  })
  afterAll(() => neon?.stop())

  it('carries every type there and back', async () => {
    const db = drizzle({ client })
    const row = {
      name: 'all "types" \\ ünï 🎈',
      flag: false,
      small: -2_147_483_648,
      big: 9_223_372_036_854_775_807n,
      price: '1234567890123456.7890',
      ratio: 0.1,
      day: '2024-02-29',
      at: new Date('2024-02-29T12:34:56.789Z'),
      data: { list: [1, null, 'x'], text: '"' },
      raw: Buffer.from([0, 1, 255, 92]),
      key: '2f1d3a52-8f3c-4a38-9a51-4d1b8e5f6a70',
      tags: ['a,b', 'c"d', 'e\\f', '', 'NULL'],
      matrix: [
        [1, 2],
        [3, 4],
      ],
    }
    const [written] = await db.insert(sample).values(row).returning()
    expect(written).toEqual({ id: 1, ...row })
    const [read] = await db.select().from(sample).where(eq(sample.name, row.name))
    expect(read).toEqual({ id: 1, ...row })
    const empty = { name: 'empty', tags: [], data: null }
    const [nulls] = await db.insert(sample).values(empty).returning()
    expect(nulls).toMatchObject({ name: 'empty', flag: null, at: null, raw: null, tags: [] })
  })

  it('runs a drizzle batch as one transaction', async () => {
    const db = drizzle({ client })
    const [first, second] = await db.batch([
      db.insert(sample).values({ name: 'batch-1' }).returning({ id: sample.id }),
      db.select({ n: sql<number>`count(*)::int` }).from(sample).where(eq(sample.name, 'batch-1')),
    ])
    expect([first.length, second[0]?.n]).toEqual([1, 1])
    const failing = db.batch([
      db.insert(sample).values({ name: 'batch-2' }),
      db.insert(sample).values({ name: 'batch-1' }),
    ])
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    expect(await db.select().from(sample).where(eq(sample.name, 'batch-2'))).toEqual([])
  })

  it('throws NeonDbError with the fields of PostgreSQL', async () => {
    const error = await client`insert into sample (name) values ('empty')`.catch((e: unknown) => e)
    expect(error).toBeInstanceOf(NeonDbError)
    expect(error).toMatchObject({
      code: '23505',
      constraint: 'sample_name_key',
      table: 'sample',
      schema: 'public',
      severity: 'ERROR',
      detail: 'Key (name)=(empty) already exists.',
    })
  })

  it('passes transaction options on', async () => {
    const results = await client.transaction(
      [client`show transaction_isolation`, client`show transaction_read_only`],
      { isolationLevel: 'RepeatableRead', readOnly: true, fullResults: true },
    )
    expect(results.map((one) => Object.values(one.rows[0]!)[0])).toEqual(['repeatable read', 'on'])
    const write = client.transaction([client`delete from sample`], { readOnly: true })
    await expect(write).rejects.toMatchObject({ code: '25006' })
  })

  it('has an endpoint and a time limit for each client', async () => {
    const nowhere = createNeon(neon.connectionString, 'http://127.0.0.1:1/sql')
    await expect(nowhere`select 1`).rejects.toThrow(/^Error connecting to database/)
    expect(await client`select 1 as one`).toEqual([{ one: 1 }])
    const wrong = createNeon(connectionStringOf({ ...LOGIN, password: 'no' }), neon.sqlUrl)
    await expect(wrong`select 1`).rejects.toThrow(/^password authentication failed for user/)
    const hasty = createNeon(neon.connectionString, neon.sqlUrl, { timeoutMs: () => 200 })
    const start = Date.now()
    await expect(hasty`select pg_sleep(2)`).rejects.toThrow(/TimeoutError/)
    expect(Date.now() - start).toBeLessThan(1_500)
  })
})
