import { isObject, type JsonObject } from './fields.ts'

/** What Gemini knows of a schema; for anything else it refuses the whole request. https://ai.google.dev/api/caching#Schema */
const TAKEN = [
  'title',
  'description',
  'nullable',
  'default',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'propertyOrdering',
] as const

const FORMATS: Record<string, readonly string[]> = {
  string: ['enum', 'date-time'],
  number: ['float', 'double'],
  integer: ['int32', 'int64'],
}

/** Beyond this nobody means it, and what is put in again and again would never end. */
const MAX_DEPTH = 32
const MAX_PARTS = 5_000

/** Where in a schema something stands. */
interface Within {
  /** Definitions that are being put in: one that holds itself ends here. */
  refs: ReadonlySet<string>
  depth: number
}

/**
 * A JSON Schema in the words that Gemini takes. References are put in, alternatives have one name, a
 * constant is a list of one, what may be null says so; what it has no word for is left out.
 *
 * @param schema of the parameters of a function
 */
export function geminiSchema(schema: JsonObject): JsonObject {
  return new Repair(schema).repair(schema, { refs: new Set(), depth: 0 })
}

class Repair {
  readonly #root: JsonObject
  #parts = 0

  constructor(root: JsonObject) {
    this.#root = root
  }

  repair(given: unknown, { refs, depth }: Within): JsonObject {
    if (!isObject(given)) return { type: 'string' }
    if (depth > MAX_DEPTH || ++this.#parts > MAX_PARTS) return { type: 'object' }
    const within = { refs, depth: depth + 1 }
    if (typeof given.$ref === 'string') return this.#referred(given, given.$ref, within)
    const schema = merged(given)
    const { types, isNullable } = typesOf(schema)
    const alternatives = Array.isArray(schema.anyOf) ? schema.anyOf : schema.oneOf
    const kept = Object.fromEntries(
      TAKEN.filter((name) => schema[name] !== undefined).map((name) => [name, schema[name]]),
    )
    if (Array.isArray(alternatives)) return this.#anyOf(kept, alternatives, isNullable, within)
    if (types.length > 1) {
      const each = types.map((type) => ({ ...schema, type, description: undefined }))
      return this.#anyOf(kept, each, isNullable, within)
    }
    const [type = inferred(schema)] = types
    return {
      type,
      ...kept,
      ...(isNullable && { nullable: true }),
      ...formatOf(schema, type),
      ...valuesOf(schema, type),
      ...(type === 'object' && this.#properties(schema, within)),
      ...(type === 'array' && { items: this.repair(itemsOf(schema), within) }),
    }
  }

  #referred(given: JsonObject, ref: string, within: Within): JsonObject {
    const target = ref.startsWith('#') ? at(this.#root, ref.slice(1)) : undefined
    const { $ref: _, ...rest } = given
    if (!isObject(target) || within.refs.has(ref)) {
      return {
        type: 'object',
        ...(rest.description !== undefined && { description: rest.description }),
      }
    }
    return this.repair({ ...target, ...rest }, { ...within, refs: new Set([...within.refs, ref]) })
  }

  #anyOf(
    kept: JsonObject,
    alternatives: readonly unknown[],
    isNullable: boolean,
    within: Within,
  ): JsonObject {
    const others = alternatives.filter((each) => !(isObject(each) && each.type === 'null'))
    const nullable = isNullable || others.length < alternatives.length
    const [first, ...more] = others
    const repaired =
      more.length === 0
        ? { ...this.repair(first, within), ...kept }
        : { ...kept, anyOf: others.map((each) => this.repair(each, within)) }
    return { ...repaired, ...(nullable && { nullable: true }) }
  }

  #properties(schema: JsonObject, within: Within): JsonObject {
    if (!isObject(schema.properties)) return {}
    const properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, each]) => [name, this.repair(each, within)]),
    )
    const required = Array.isArray(schema.required)
      ? schema.required.filter(
          (name) => typeof name === 'string' && Object.hasOwn(properties, name),
        )
      : []
    return { properties, ...(required.length > 0 && { required }) }
  }
}

/** What `allOf` asks for, together; what is said outside counts first. */
function merged(schema: JsonObject, depth = 0): JsonObject {
  if (!Array.isArray(schema.allOf) || depth > MAX_DEPTH) return schema
  const { allOf, ...rest } = schema
  const all: JsonObject = { ...rest }
  for (const each of allOf.filter(isObject)) {
    const { properties, required, ...others } = merged(each, depth + 1)
    for (const [name, value] of Object.entries(others)) all[name] ??= value
    if (isObject(properties)) all.properties = { ...properties, ...objectOr(all.properties) }
    if (Array.isArray(required)) {
      all.required = [
        ...new Set([...(Array.isArray(all.required) ? all.required : []), ...required]),
      ]
    }
  }
  return all
}

const objectOr = (value: unknown): JsonObject => (isObject(value) ? value : {})

function typesOf({ type }: JsonObject): { types: string[]; isNullable: boolean } {
  const named = (Array.isArray(type) ? type : [type]).filter((each) => typeof each === 'string')
  const types = named.map((each) => each.toLowerCase())
  return { types: types.filter((each) => each !== 'null'), isNullable: types.includes('null') }
}

function inferred(schema: JsonObject): string {
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) return 'object'
  if (schema.items !== undefined || schema.prefixItems !== undefined) return 'array'
  const [value] = [schema.const, ...(Array.isArray(schema.enum) ? schema.enum : [])].filter(
    (each) => each !== undefined,
  )
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}

function formatOf({ format }: JsonObject, type: string): JsonObject {
  return typeof format === 'string' && FORMATS[type]?.includes(format) ? { format } : {}
}

/** Gemini lists texts only: other values are said in words. */
function valuesOf(schema: JsonObject, type: string): JsonObject {
  const values = schema.const !== undefined ? [schema.const] : schema.enum
  if (!Array.isArray(values)) return {}
  if (type === 'string') {
    const texts = values.filter((each) => typeof each === 'string' && each !== '')
    return texts.length > 0 ? { enum: texts } : {}
  }
  const said = `One of ${values.map((each) => JSON.stringify(each)).join(', ')}.`
  const { description } = schema
  return { description: typeof description === 'string' ? `${description} ${said}` : said }
}

function itemsOf({ items, prefixItems }: JsonObject): unknown {
  const places = Array.isArray(items) ? items : Array.isArray(prefixItems) ? prefixItems : null
  return places ? { anyOf: places } : items
}

/** A place in a schema, by a JSON pointer (RFC 6901). */
function at(root: JsonObject, pointer: string): unknown {
  let place: unknown = root
  for (const name of pointer.split('/').slice(1)) {
    const key = decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~')
    place = isObject(place) && Object.hasOwn(place, key) ? place[key] : undefined
  }
  return place
}

/** Whether a model is one of Google's, whoever serves it. */
export function isGemini(model: string): boolean {
  return /^(?:google\/|models\/)?gemini-/.test(model)
}

/**
 * The tools of a chat with parameters that Gemini takes.
 *
 * @returns null where they are so already
 */
export function repairedTools(tools: readonly JsonObject[]): JsonObject[] | null {
  let isChanged = false
  const repaired = tools.map((tool) => {
    const called = tool.function
    if (!isObject(called) || !isObject(called.parameters)) return tool
    const parameters = geminiSchema(called.parameters)
    if (isSame(parameters, called.parameters)) return tool
    isChanged = true
    return { ...tool, function: { ...called, parameters } }
  })
  return isChanged ? repaired : null
}

/** Names may stand in another order. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((each, index) => isSame(each, other[index]))
  }
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  )
}
