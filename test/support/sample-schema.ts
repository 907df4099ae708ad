/** A JSON Schema as far as ours go. */
export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  format?: string
  minLength?: number
  minimum?: number
}

/** Something that the schema allows, or nearly: a place for a fuzzer to begin. */
export function sampleOf(
  schema: JsonSchema | undefined,
  schemas: Record<string, unknown>,
): unknown {
  if (!schema) return {}
  if (schema.$ref)
    return sampleOf(schemas[schema.$ref.split('/').pop() ?? ''] as JsonSchema, schemas)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []
  if (choice) return sampleOf(choice, schemas)
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, value]) => [
          name,
          sampleOf(value, schemas),
        ]),
      )
    case 'array':
      return [sampleOf(schema.items, schemas)]
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    case 'boolean':
      return true
    case 'string':
      return stringOf(schema)
    default:
      return null
  }
}

function stringOf({ format, minLength = 1 }: JsonSchema): string {
  if (format === 'email') return 'somebody@example.com'
  if (format === 'uri') return 'https://example.com/'
  if (format === 'date-time') return '2030-01-01T00:00:00Z'
  return 'fuzz'.padEnd(minLength, 'x')
}
