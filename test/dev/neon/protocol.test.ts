import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectionStringOf, type Endpoint, engines, post, startEmpty } from './support.ts'

const RAW = { 'Neon-Raw-Text-Output': 'true', 'Neon-Array-Mode': 'true' }
const ERROR_FIELDS = [
  ...['message', 'code', 'detail', 'hint', 'position', 'internalPosition', 'internalQuery'],
  ...['severity', 'where', 'table', 'column', 'schema', 'dataType', 'constraint'],
  ...['file', 'line', 'routine'],
]

describe.each(engines)('/sql protocol on %s', (engine) => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty(engine)
    await post(neon, {
      query:
        'create table item (id int constraint item_key primary key, name varchar(20) not null, price numeric(8,2) check (price > 0))',
    })
  })
  afterAll(() => neon?.stop())

  it('answers OPTIONS for browsers', async () => {
    const response = await fetch(neon.sqlUrl, { method: 'OPTIONS' })
    expect(response.status).toBe(200)
    expect(response.headers.get('allow')).toBe('OPTIONS, POST')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-max-age')).toBe('86400')
    const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase()
    for (const name of ['authorization', 'neon-connection-string', 'neon-batch-isolation-level']) {
      expect(allowed).toContain(name)
    }
  })

  it.each(['GET', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    const body = method === 'GET' ? {} : { body: '{"query":"select 1"}' }
    const headers = { 'Neon-Connection-String': neon.connectionString }
    const response = await fetch(neon.sqlUrl, { method, headers, ...body })
    expect(response.status).toBe(400)
    const error = (await response.json()) as Record<string, unknown>
    expect(Object.keys(error)).toEqual(ERROR_FIELDS)
    expect(error.message).toBe('query is not supported')
  })

  it('answers a query in the driver’s mode: arrays of text, fields with table and column', async () => {
    await post(neon, { query: "insert into item values (1, 'pen', 1.50)" })
    const { status, headers, body } = await post(
      neon,
      { query: 'select id, name, price, null as none from item where id = $1', params: ['1'] },
      RAW,
    )
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(Object.keys(body).sort()).toEqual(
      ['command', 'fields', 'rowAsArray', 'rowCount', 'rows'].sort(),
    )
    expect(body).toMatchObject({
      command: 'SELECT',
      rowCount: 1,
      rowAsArray: true,
      rows: [['1', 'pen', '1.50', null]],
    })
    expect(body.fields[1]).toEqual({
      name: 'name',
      dataTypeID: 1043,
      tableID: expect.any(Number),
      columnID: 2,
      dataTypeSize: -1,
      dataTypeModifier: 24,
      format: 'text',
    })
    expect((body.fields[1] as unknown as { tableID: number }).tableID).toBeGreaterThan(16_000)
  })

  it('reports command and row count of every kind of statement', async () => {
    const run = async (query: string) => {
      const { body } = await post(neon, { query }, RAW)
      return [body.command, body.rowCount, body.fields.length]
    }
    expect(await run('create table counted (i int)')).toEqual(['CREATE', null, 0])
    expect(await run('insert into counted select generate_series(1, 12)')).toEqual([
      'INSERT',
      12,
      0,
    ])
    expect(await run('update counted set i = i where i > 9')).toEqual(['UPDATE', 3, 0])
    expect(await run('delete from counted where i > 9 returning i')).toEqual(['DELETE', 3, 1])
    expect(await run('select * from counted where false')).toEqual(['SELECT', 0, 1])
    expect(await run("set application_name = 'x'")).toEqual(['SET', null, 0])
    expect(await run('')).toEqual(['', null, 0])
  })

  it('takes the row form from header or query, and only the exact word true', async () => {
    const query = 'select 1 as a, 2 as a'
    const rows = async (body: object, headers = {}) => (await post(neon, body, headers)).body
    expect(await rows({ query })).toMatchObject({ rowAsArray: false, rows: [{ a: 2 }] })
    expect(await rows({ query }, { 'Neon-Array-Mode': 'true' })).toMatchObject({ rows: [[1, 2]] })
    expect(await rows({ query, arrayMode: true })).toMatchObject({ rows: [[1, 2]] })
    expect(await rows({ query, arrayMode: false }, RAW)).toMatchObject({ rows: [{ a: '2' }] })
    expect(await rows({ query }, { 'Neon-Array-Mode': 'TRUE' })).toMatchObject({ rows: [{ a: 2 }] })
    expect(await rows({ query }, { 'Neon-Raw-Text-Output': '1' })).toMatchObject({
      rows: [{ a: 2 }],
    })
    const batch = await rows({ queries: [{ query, arrayMode: true }, { query }] })
    expect(batch.results.map((one) => one.rows[0])).toEqual([[1, 2], { a: 2 }])
  })

  it('gives all fields of an SQL error with HTTP 400', async () => {
    const { status, headers, body } = await post(neon, {
      query: "insert into item values (1, 'again', 1)",
    })
    expect(status).toBe(400)
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(Object.keys(body)).toEqual(ERROR_FIELDS)
    expect(body).toMatchObject({
      message: 'duplicate key value violates unique constraint "item_key"',
      code: '23505',
      detail: 'Key (id)=(1) already exists.',
      severity: 'ERROR',
      schema: 'public',
      table: 'item',
      constraint: 'item_key',
      hint: null,
      position: null,
      line: expect.stringMatching(/^\d+$/),
      file: 'nbtinsert.c',
      routine: '_bt_check_unique',
    })
  })

  it('gives position, column, hint and where as PostgreSQL does', async () => {
    const error = async (query: string) => (await post(neon, { query })).body
    expect(await error('select nam from item')).toMatchObject({ code: '42703', position: '8' })
    expect((await error('select nam from item')).hint).toContain('item.name')
    expect(await error('insert into item (id) values (7)')).toMatchObject({
      code: '23502',
      column: 'name',
    })
    const inner = await error(`do $$ begin execute 'selec 1'; end $$`)
    expect(inner).toMatchObject({ internalQuery: 'selec 1', internalPosition: '1' })
    expect(inner.where).toContain('PL/pgSQL')
  })

  it('takes one statement only, with exactly its parameters', async () => {
    const several = await post(neon, { query: 'select 1; select 2' })
    expect(several).toMatchObject({ status: 400, body: { code: '42601' } })
    expect(several.body.message).toBe('cannot insert multiple commands into a prepared statement')
    const missing = await post(neon, { query: 'select $1::int + $2::int', params: ['1'] })
    expect(missing).toMatchObject({ status: 400, body: { code: '08P01' } })
    expect(missing.body.message).toMatch(/^bind message supplies 1 parameters/)
    const extra = await post(neon, { query: 'select 1', params: ['1'] })
    expect(extra).toMatchObject({ status: 400, body: { code: '08P01' } })
  })

  it('refuses what is not JSON of the right form', async () => {
    const bodies = [
      '{',
      '[]',
      'null',
      '"x"',
      '{}',
      '{"query":1}',
      '{"query":"select 1","params":{}}',
    ]
    bodies.push(
      '{"queries":[null]}',
      '{"query":"select 1","arrayMode":"yes"}',
      '{"query":"a\\u0000"}',
    )
    for (const body of bodies) {
      const answer = await post(neon, body)
      expect([body, answer.status]).toEqual([body, 400])
      expect(Object.keys(answer.body)).toEqual(ERROR_FIELDS)
      expect(answer.body.message).toMatch(/request body|field "|null character/)
    }
  })

  it('needs a connection string with every part, and never repeats it', async () => {
    const refused = async (value: string | undefined) => {
      const headers = value === undefined ? {} : { 'Neon-Connection-String': value }
      const init = { method: 'POST', body: '{"query":"select 1"}', headers }
      const response = await fetch(neon.sqlUrl, init)
      const text = await response.text()
      expect(text).not.toContain('hunter2')
      expect(text).toMatch(/^{"message":"(missing header|invalid connection string)/)
      return response.status
    }
    expect(await refused(undefined)).toBe(400)
    for (const value of [
      ...[
        '',
        'hunter2',
        'http://u:hunter2@h/d',
        'postgres://:hunter2@h/d',
        'postgres://u@h/hunter2',
      ],
      ...['postgres://u:hunter2@h', 'postgres://u:hunter2@h/', 'postgres://u:hunter2%zz@h/d'],
      'postgres:///hunter2',
    ]) {
      expect([value, await refused(value)]).toEqual([value, 400])
    }
  })

  it('refuses a wrong password, an unknown user and an unknown database', async () => {
    const login = new URL(neon.connectionString)
    const real = {
      user: decodeURIComponent(login.username),
      password: decodeURIComponent(login.password),
      database: login.pathname.slice(1),
    }
    const attempt = (change: Partial<typeof real>) =>
      post(
        neon,
        { query: 'select 1' },
        {
          'Neon-Connection-String': connectionStringOf({ ...real, ...change }),
        },
      )
    expect((await attempt({})).status).toBe(200)
    const wrong = await attempt({ password: 'wrong' })
    expect(wrong.status).toBe(400)
    expect(wrong.body.message).toBe(`password authentication failed for user '${real.user}'`)
    const unknown = await attempt({ user: 'nobody' })
    expect(unknown.status).toBe(400)
    expect(unknown.body.message).toBe("password authentication failed for user 'nobody'")
    const database = await attempt({ database: 'nowhere' })
    expect(database).toMatchObject({ status: 400, body: { code: '3D000' } })
    expect((await attempt({})).status).toBe(200)
  })

  it('refuses a request body over 10 MiB with 413 and a response over 10 MiB with 507', async () => {
    const tooLong = 'x'.repeat(10 * 1024 * 1024)
    const request = await post(neon, { query: 'select length($1)', params: [tooLong] })
    expect(request.status).toBe(413)
    expect(request.body.message).toBe('request is too large (max is 10485760 bytes)')
    const justRight = { query: 'select length($1)', params: [tooLong.slice(100)] }
    expect((await post(neon, justRight)).body.rows).toEqual([{ length: tooLong.length - 100 }])
    const response = await post(neon, { query: "select repeat('x', 10485760)" })
    expect(response.status).toBe(507)
    expect((await post(neon, { query: 'select 1' })).status).toBe(200)
  })

  it('counts the response of a batch as a whole and undoes it', async () => {
    await post(neon, { query: 'create table big (i int)' })
    const half = { query: "select repeat('x', 6000000)" }
    const answer = await post(neon, {
      queries: [{ query: 'insert into big values (1)' }, half, half],
    })
    expect(answer.status).toBe(507)
    expect((await post(neon, { query: 'select * from big' })).body.rows).toEqual([])
  })

  it('refuses COPY through the client, and goes on', async () => {
    for (const query of ['copy item from stdin', '/* c */ -- d\n COPY item TO STDOUT']) {
      expect(await post(neon, { query })).toMatchObject({ status: 400, body: { code: '0A000' } })
    }
    expect((await post(neon, { query: 'select 1' })).status).toBe(200)
  })

  it('logs requests without parameter values', async () => {
    const before = await requests(neon, 0)
    const long = `select $1 as ${'a'.repeat(50)} /* ${'c'.repeat(400)} */`
    await post(neon, { query: long, params: ['secret-value'] })
    await post(neon, { queries: [{ query: 'select 1' }, { query: 'select 2' }] })
    const after = await requests(neon, before.seq)
    expect(after.seq).toBe(before.seq + 2)
    expect(after.requests.map((one) => one.queries)).toEqual([
      [long.slice(0, 300)],
      ['select 1', 'select 2'],
    ])
    expect(after.requests[0]).toMatchObject({ seq: before.seq + 1, path: '/sql' })
    expect(Math.abs(after.requests[0]!.at - Date.now())).toBeLessThan(60_000)
    expect(JSON.stringify(after)).not.toContain('secret-value')
  })

  it('reports its health, and 404 elsewhere', async () => {
    const health = await fetch(`${neon.baseUrl}/__health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toEqual({ status: 'ok', engine: engine.toLowerCase() })
    expect((await fetch(`${neon.baseUrl}/other`)).status).toBe(404)
  })
})

async function requests(neon: Endpoint, after: number) {
  const response = await fetch(`${neon.baseUrl}/__requests?after=${after}`)
  return (await response.json()) as {
    seq: number
    requests: { seq: number; at: number; path: string; queries: string[] }[]
  }
}
