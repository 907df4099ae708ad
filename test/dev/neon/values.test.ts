import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Endpoint, engines, post, scalar, startEmpty } from './support.ts'

describe.each(engines)('/sql values on %s', (engine) => {
  let neon: Endpoint
  beforeAll(async () => {
    neon = await startEmpty(engine)
  })
  afterAll(() => neon?.stop())

  const cell = async (query: string, params: unknown[] = []) => {
    const { status, body } = await post(neon, { query, params, arrayMode: true })
    return status === 200 ? (body.rows[0] as unknown[])[0] : body
  }

  it.each([
    ['true', true],
    ['null::int', null],
    ['7::int2', 7],
    ['7::int4', 7],
    ['7::int8', '7'],
    ['1.50::numeric', '1.50'],
    ['1.5::float8', 1.5],
    ["'NaN'::float8", 'NaN'],
    ["'-Infinity'::float4", '-Infinity'],
    ["'\\xdeadbeef'::bytea", '\\xdeadbeef'],
    ["'2024-02-29'::date", '2024-02-29'],
    ["'2024-02-29 12:00:00+00'::timestamp", '2024-02-29 12:00:00'],
    ['\'[1,{"a":null}]\'::json', [1, { a: null }]],
    ['\'{"a":[1.5,true]}\'::jsonb', { a: [1.5, true] }],
    ["'null'::jsonb", null],
    ['array[1,null,3]', [1, null, 3]],
    [
      'array[[1,2],[3,4]]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["'{}'::text[]", []],
    [
      "array['a,b','c\"d','e\\f','{}','NULL',null,'']",
      ['a,b', 'c"d', 'e\\f', '{}', 'NULL', null, ''],
    ],
    ['array[true,false]', [true, false]],
    ['array[9007199254740993]::int8[]', ['9007199254740993']],
    ["'[2:3]={5,6}'::int[]", [5, 6]],
    ['array[\'{"a":1}\'::jsonb]', [{ a: 1 }]],
  ])('select %s without raw text', async (expression, expected) => {
    expect(await cell(`select ${expression}`)).toEqual(expected)
  })

  it('takes raw JSON parameters', async () => {
    expect(await cell('select $1::int + 1', [41])).toBe(42)
    expect(await cell('select not $1::bool', [false])).toBe(true)
    expect(await cell('select $1::text is null', [null])).toBe(true)
    expect(await cell('select $1::jsonb', [{ a: [1, 'x'] }])).toEqual({ a: [1, 'x'] })
    expect(await cell('select $1::text[]', [['a', null, 'b"\\,{}', 'NULL', '']])).toEqual([
      ...['a', null, 'b"\\,{}', 'NULL', ''],
    ])
    expect(
      await cell('select $1::int[]', [
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    ).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await cell('select $1::bool[]', [[true, false]])).toEqual([true, false])
    expect(await cell('select $1::jsonb[]', [[{ a: 1 }]])).toEqual([{ a: 1 }])
  })

  it('keeps any text as it is', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((s) => !s.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        expect(await scalar(neon, 'select $1::text', [value])).toBe(value)
      }),
      { numRuns: 60 },
    )
  })

  it('answers a lone surrogate or a null character without losing the session', async () => {
    expect(await cell('select $1::text', ['a\ud800b'])).toBe('a\ufffdb')
    expect(await cell('select $1::text', ['é\udc00b'])).toBe('é\ufffdb')
    expect(await cell('select $1::text', ['a\0b'])).toMatchObject({ code: '22021' })
    expect(await cell('select 1')).toBe(1)
  })

  it('takes many parameters, but not more than the protocol can count', async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => i)
    const sum = many.map((i) => `$${i + 1}::int`).join('+')
    expect(await cell(`select ${sum}`, many)).toBe(1_999_000)
    const tooMany = { query: 'select 1', params: Array(65_536).fill(null) }
    expect(await post(neon, tooMany)).toMatchObject({
      status: 400,
      body: { message: 'too many parameters (max is 65535)' },
    })
  })
})
