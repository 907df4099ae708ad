import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { geminiSchema, repairedTools } from '../../../src/gateway/dialects/gemini-schema.ts'

const object = (properties: object, more = {}) => ({ type: 'object', properties, ...more })

describe('a schema for Gemini', () => {
  it.each([
    ['a constant', { const: 'x' }, { type: 'string', enum: ['x'] }],
    ['a list of types', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [
      'several types',
      { type: ['string', 'integer'], description: 'd' },
      { description: 'd', anyOf: [{ type: 'string' }, { type: 'integer' }] },
    ],
    [
      'one of, or null',
      { oneOf: [{ type: 'integer', exclusiveMinimum: 1 }, { type: 'null' }] },
      { type: 'integer', nullable: true },
    ],
    [
      'numbers to choose from',
      { enum: [1, 2], description: 'How many.' },
      { type: 'integer', description: 'How many. One of 1, 2.' },
    ],
    ['a format that it does not know', { type: 'string', format: 'uri' }, { type: 'string' }],
    [
      'a format that it knows',
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date-time' },
    ],
    ['an array of anything', { type: 'array' }, { type: 'array', items: { type: 'string' } }],
    [
      'all of',
      {
        allOf: [
          object({ a: { type: 'string' } }, { required: ['a'] }),
          object({ b: { type: 'number' } }),
        ],
      },
      object({ a: { type: 'string' }, b: { type: 'number' } }, { required: ['a'] }),
    ],
    [
      'words that it does not have',
      object(
        { a: { type: 'string', examples: ['x'], $comment: 'c' } },
        {
          $schema: 'http://json-schema.org/draft-07/schema#',
          additionalProperties: false,
          required: ['a', 'gone'],
        },
      ),
      object({ a: { type: 'string' } }, { required: ['a'] }),
    ],
  ])('puts right: %s', (_, given, expected) => {
    expect(geminiSchema(given)).toEqual(expected)
  })

  it('puts in what is referred to, and ends where a definition holds itself', () => {
    const given = {
      ...object({ at: { $ref: '#/$defs/node', description: 'Where' } }),
      $defs: { node: object({ next: { $ref: '#/$defs/node' }, name: { type: 'string' } }) },
    }
    expect(geminiSchema(given)).toEqual(
      object({
        at: object(
          { next: { type: 'object' }, name: { type: 'string' } },
          { description: 'Where' },
        ),
      }),
    )
    expect(geminiSchema({ $ref: 'https://elsewhere.example/schema' })).toEqual({ type: 'object' })
  })

  it('has an end however deep or entwined it is', () => {
    let deep: Record<string, unknown> = { type: 'string' }
    for (let depth = 0; depth < 20_000; depth++) deep = { allOf: [deep], items: deep }
    expect(geminiSchema(deep)).toHaveProperty('type')
    const doubling = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => {
        const next = { $ref: `#/$defs/d${at + 1}` }
        return [`d${at}`, object({ a: next, b: next })]
      }),
    )
    const entwined = geminiSchema({ $ref: '#/$defs/d0', $defs: doubling })
    expect(JSON.stringify(entwined).length).toBeLessThan(1_000_000)
  })

  it('leaves what is right as it is', () => {
    const parameters = object({ a: { description: 'x', type: 'array', items: { type: 'string' } } })
    const tool = { type: 'function', function: { name: 'f', parameters } }
    expect(repairedTools([tool, { type: 'function', function: { name: 'g' } }])).toBeNull()
  })

  it('has no word that Gemini does not know, and is right at once, whatever is given', () => {
    const words =
      /^(type|format|title|description|nullable|default|enum|items|anyOf|properties|required|propertyOrdering|pattern|(min|max)(Items|Properties|Length|imum))$/
    const check = (schema: Record<string, unknown>): void => {
      for (const [name, value] of Object.entries(schema)) {
        expect(name).toMatch(words)
        if (name === 'items') check(value as Record<string, unknown>)
        if (name === 'anyOf') for (const each of value as object[]) check(each as never)
        if (name === 'properties') for (const each of Object.values(value as object)) check(each)
      }
    }
    const leaf = fc.constantFrom<unknown>(
      'string',
      'null',
      'x',
      3,
      true,
      null,
      '#/$defs/a',
      '#',
      ['string', 'null'],
      ['a', 1],
    )
    const { schema } = fc.letrec<{ schema: object }>((tie) => ({
      schema: fc.dictionary(
        fc.constantFrom(
          'type',
          '$ref',
          'anyOf',
          'oneOf',
          'allOf',
          'properties',
          'items',
          'enum',
          'const',
          'format',
          '$defs',
          'required',
          'not',
          'description',
          'prefixItems',
        ),
        fc.oneof({ maxDepth: 4 }, leaf, tie('schema'), fc.array(tie('schema'), { maxLength: 3 })),
        { maxKeys: 5 },
      ),
    }))
    fc.assert(
      fc.property(schema, (given) => {
        const once = geminiSchema(given as Record<string, unknown>)
        check(once)
        expect(geminiSchema(once)).toEqual(once)
      }),
      { numRuns: 2_000 },
    )
  })
})
