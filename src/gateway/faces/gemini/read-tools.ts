import { isObject, type JsonObject } from '../../dialects/fields.ts'
import { objectsIn, present, textOf } from '../reading.ts'
import { field } from './fields.ts'

/** Google's functions as those of a chat; what Google runs itself has nobody here who could run it. */
export function readTools(tools: unknown, config: unknown): JsonObject {
  const functions = objectsIn(isObject(tools) ? [tools] : tools)
    .flatMap((tool) => objectsIn(field(tool, 'functionDeclarations')))
    .flatMap(functionOf)
  if (functions.length === 0) return {}
  const calling = isObject(config) ? field(config, 'functionCallingConfig') : undefined
  const { mode, names } = modeOf(calling)
  const allowed =
    names.length > 0
      ? functions.filter(({ function: { name } }) => names.includes(name))
      : functions
  const [only] = allowed
  return present({
    tools: allowed.length > 0 ? allowed : functions,
    tool_choice:
      mode === 'required' && allowed.length === 1 && only
        ? { type: 'function', function: { name: only.function.name } }
        : mode,
  })
}

function functionOf(declared: JsonObject) {
  const name = textOf(declared.name)
  if (name === undefined) return []
  const json = field(declared, 'parametersJsonSchema')
  const parameters = isObject(json) ? json : lowerTypes(declared.parameters)
  return [
    {
      type: 'function',
      function: {
        name,
        ...present({ description: textOf(declared.description) }),
        parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
      },
    },
  ]
}

function modeOf(calling: unknown): { mode: string | undefined; names: string[] } {
  if (!isObject(calling)) return { mode: undefined, names: [] }
  const modes: Record<string, string> = {
    AUTO: 'auto',
    VALIDATED: 'auto',
    ANY: 'required',
    NONE: 'none',
  }
  const names = field(calling, 'allowedFunctionNames')
  return {
    mode: modes[String(calling.mode).toUpperCase()],
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
  }
}

/** Google writes the types of its schemas in capitals, and what may be null beside the type. */
export function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes)
  if (!isObject(schema)) return schema
  const { nullable, ...rest } = schema
  const lowered = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'type' && typeof value === 'string'
        ? value.toLowerCase()
        : key === 'enum' || key === 'example' || key === 'default'
          ? value
          : lowerTypes(value),
    ]),
  )
  return nullable === true && typeof lowered.type === 'string'
    ? { ...lowered, type: [lowered.type, 'null'] }
    : lowered
}
