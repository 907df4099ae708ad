import { beforeAll, describe, expect, it } from 'vitest'
import { newAdmin } from '../../support/admin.ts'
import { chat, usageRows } from '../../support/chat.ts'
import { call, newChatter, newPerson, sql, stack, type TestPerson } from '../../support/stack.ts'
import { type Call, daysAgo, insertCalls } from './support.ts'

interface Page {
  items: Record<string, unknown>[]
  next_cursor: string | null
}

const logs = (token: string, query = '') => call<Page>(`/api/usage/logs${query}`, { token })
const idsOf = ({ items }: Page) => items.map(({ id }) => id)

let somebody: TestPerson
beforeAll(async () => {
  somebody = await newPerson()
})

async function allIds(token: string, query: string, between?: () => Promise<void>) {
  const ids: unknown[] = []
  let cursor: string | null = null
  do {
    const { body }: { body: Page } = await logs(
      token,
      `${query}${cursor ? `&cursor=${cursor}` : ''}`,
    )
    ids.push(...idsOf(body))
    cursor = body.next_cursor
    await between?.()
  } while (cursor !== null)
  return ids
}

async function csvOf(token: string, query = '', headers: Record<string, string> = {}) {
  const {
    status,
    headers: got,
    body,
  } = await call<string>(`/api/usage/logs${query}`, {
    token,
    headers,
  })
  expect(status).toBe(200)
  expect(got.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  return { lines: body.split('\r\n').slice(0, -1), headers: got }
}

describe('my calls', () => {
  it('hold what is known of a call', async () => {
    const person = await newChatter()
    await chat({ key: person.key })
    const [row] = await usageRows(person.id, 1)
    const { body } = await logs(person.token)
    expect(body.next_cursor).toBeNull()
    expect(body.items).toMatchObject([
      {
        id: row?.id,
        user_id: person.id,
        username: person.username,
        endpoint: '/v1/chat/completions',
        model: row?.model,
        stream: false,
        status: 200,
        error_code: null,
        prompt_tokens: row?.prompt_tokens,
      },
    ])
  })

  it('come in pages, newest first, and none is lost or doubled while others come', async () => {
    const person = await newPerson()
    const moment = (n: number) =>
      `${daysAgo(2)}T12:00:${String(Math.floor(n / 5)).padStart(2, '0')}.123456Z`
    const old = Array.from({ length: 23 }, (_, n) => ({
      userId: person.id,
      id: crypto.randomUUID(),
      createdAt: moment(n),
    }))
    await insertCalls(sql, old)
    const expected = old
      .toSorted((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1))
      .map(({ id }) => id)
    const ids = await allIds(person.token, '?limit=4', () =>
      insertCalls(sql, [{ userId: person.id, createdAt: new Date().toISOString() }]),
    )
    expect(ids).toEqual(expected)
  })

  it('can be searched', async () => {
    const person = await newPerson()
    const { body: key } = await call<{ id: number }>('/api/api-keys', {
      token: person.token,
      json: {},
    })
    const mine: Record<string, Call> = {
      plain: { userId: person.id, createdAt: `${daysAgo(5)}T00:00:00.000Z` },
      keyed: { userId: person.id, createdAt: `${daysAgo(4)}T12:00:00.000Z`, apiKeyId: key.id },
      other: { userId: person.id, createdAt: `${daysAgo(3)}T12:00:00.000Z`, model: 'model-b' },
      failed: { userId: person.id, createdAt: `${daysAgo(2)}T12:00:00.000Z`, status: 502 },
      refused: { userId: person.id, createdAt: `${daysAgo(2)}T23:59:59.999Z`, status: 429 },
      stream: { userId: person.id, createdAt: `${daysAgo(1)}T12:00:00.000Z`, stream: true },
    }
    for (const one of Object.values(mine)) one.id = crypto.randomUUID()
    await insertCalls(sql, Object.values(mine))
    const found = async (query: string) => {
      const { body } = await logs(person.token, `?${query}`)
      const names = idsOf(body).map((id) => Object.keys(mine).find((name) => mine[name]?.id === id))
      return names.join()
    }
    expect(await found('')).toBe('stream,refused,failed,other,keyed,plain')
    expect(await found(`api_key_id=${key.id}`)).toBe('keyed')
    expect(await found('model=model-b')).toBe('other')
    expect(await found('errors_only=true')).toBe('refused,failed')
    expect(await found('status=4xx')).toBe('refused')
    expect(await found('status=2xx&stream=false')).toBe('other,keyed,plain')
    expect(await found('stream=true')).toBe('stream')
    expect(await found(`to=${daysAgo(4)}`)).toBe('keyed,plain')
    expect(await found(`from=${daysAgo(2)}&to=${daysAgo(2)}`)).toBe('refused,failed')
    expect(await found(`from=${daysAgo(4)}T12:00:00Z&to=${daysAgo(3)}T12:00:00Z`)).toBe('keyed')
    expect(await found(`from=${daysAgo(4)}T14:00:00%2B02:00&to=${daysAgo(4)}`)).toBe('keyed')
  })

  it('are searched a bounded way at a time, and found in the end', async () => {
    const person = await newPerson()
    // More than one statement looks at, with what is looked for at the very end.
    await sql`
      insert into usage_logs (id, request_id, user_id, endpoint, model, stream, status, duration_ms, created_at)
      select gen_random_uuid(), 'test', ${person.id}, 'test', 'common', false, 200, 1,
        ${`${daysAgo(2)}T12:00:00Z`}::timestamptz + n * interval '1 millisecond'
      from generate_series(1, 20500) n`
    const id = crypto.randomUUID()
    await insertCalls(sql, [
      { userId: person.id, id, model: 'rare', createdAt: `${daysAgo(3)}T12:00:00Z` },
    ])
    const { body } = await logs(person.token, '?model=rare')
    expect(body.items).toEqual([])
    expect(body.next_cursor).not.toBeNull()
    expect(await allIds(person.token, '?model=rare')).toEqual([id])
  })

  it("are nobody else's", async () => {
    const [person, other] = await Promise.all([newPerson(), newPerson()])
    await insertCalls(sql, [{ userId: other.id, createdAt: new Date().toISOString() }])
    expect((await logs(person.token, `?user_id=${other.id}`)).body.items).toEqual([])
    const { body: key } = await call<{ key: string }>('/api/api-keys', {
      token: other.token,
      json: { scopes: ['read:usage'] },
    })
    expect((await logs(key.key)).body.items).toHaveLength(1)
  })

  it.each([
    '?cursor=nonsense',
    '?cursor=%F0%9F%98%80',
    `?cursor=${btoa('99999999999999999.x')}`,
    '?limit=201',
    '?status=6xx',
    '?errors_only=maybe',
    '?from=2026-13-01',
    '?from=0000-01-01T00:00:00Z',
    '?format=xml',
    '?model=%00',
  ])('refuse %s', async (query) => {
    expect(await logs(somebody.token, query)).toMatchObject({ status: 422 })
  })
})

describe('calls as CSV', () => {
  it('come when they are asked for, in either way', async () => {
    const person = await newPerson()
    await insertCalls(sql, [
      {
        userId: person.id,
        createdAt: `${daysAgo(1)}T12:00:00.000Z`,
        model: '=1+1,"x"',
        quota: 12_345,
        promptTokens: 3,
      },
    ])
    for (const [query, headers] of [
      ['?format=csv', {}],
      ['', { accept: 'text/csv' }],
      ['', { accept: 'application/json;q=0.5, text/csv' }],
    ] as const) {
      const { lines, headers: got } = await csvOf(person.token, query, headers)
      expect(lines).toHaveLength(2)
      expect(lines[0]).toMatch(/^id,request_id,created_at,user_id,/)
      expect(lines[1]).toContain(`,"'=1+1,""x""",false,200,,3,,3,false,1.2345,,100`)
      expect(got.get('x-max-rows')).toBe('50000')
      expect(got.get('content-disposition')).toContain('attachment')
    }
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json, text/csv;q=0.1' }])
      expect((await call('/api/usage/logs', { token: person.token, headers })).body).toHaveProperty(
        'items',
      )
    const both = await call('/api/usage/logs?format=json', {
      token: person.token,
      headers: { accept: 'text/csv' },
    })
    expect(both.body).toHaveProperty('items')
  })

  it('end at a number of rows, and say where to go on', async () => {
    const person = await newPerson()
    await sql`
      insert into usage_logs (id, request_id, user_id, endpoint, model, stream, status, duration_ms, created_at)
      select gen_random_uuid(), 'test', ${person.id}, 'test', 'common', false, 200, 1,
        ${`${daysAgo(2)}T12:00:00Z`}::timestamptz + (n / 3) * interval '1 millisecond'
      from generate_series(1, 50010) n`
    const { lines } = await csvOf(person.token, '?format=csv')
    expect(lines).toHaveLength(1 + 50_000 + 1)
    const [, cursor] = /^# .*cursor=(\S+)$/.exec(lines.at(-1) ?? '') ?? []
    const rest = await csvOf(person.token, `?format=csv&cursor=${cursor}`)
    expect(rest.lines).toHaveLength(1 + 10)
    const ids = [...lines.slice(1, -1), ...rest.lines.slice(1)].map((line) => line.split(',')[0])
    expect(new Set(ids).size).toBe(50_010)
  })
})

describe("everybody's calls", () => {
  it('are for administrators, of everybody or of one', async () => {
    const [admin, person, other] = await Promise.all([newAdmin(), newPerson(), newPerson()])
    const model = `model-${crypto.randomUUID()}`
    const createdAt = new Date().toISOString()
    await insertCalls(sql, [
      { userId: person.id, model, createdAt },
      { userId: other.id, model, createdAt },
    ])
    const read = (query: string, token = admin.token) =>
      call<Page>(`/api/admin/usage/logs?model=${model}${query}`, { token })
    expect((await read('')).body.items).toHaveLength(2)
    expect((await read(`&user_id=${other.id}`)).body.items).toMatchObject([{ user_id: other.id }])
    expect((await read('', person.token)).status).toBe(403)
    const csv = await fetch(`${stack.baseUrl}/api/admin/usage/logs?format=csv&model=${model}`, {
      headers: { authorization: `Bearer ${admin.token}` },
    })
    expect((await csv.text()).split('\r\n')).toHaveLength(4)
  })
})
