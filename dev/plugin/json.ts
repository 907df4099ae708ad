/** A JSON object of unknown content. */
export type JsonObject = Record<string, unknown>

/** Whether a value is a JSON object (no array, not null). */
export function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads one field of a request body. A missing body throws the same kind of TypeError that reading
 * a property of `undefined` does, because its text is what the real service answers.
 */
export function field(body: unknown, name: string): unknown {
  if (body === undefined || body === null) {
    throw new TypeError(
      `Cannot destructure property '${name}' of 'req.body' as it is ${String(body)}.`,
    )
  }
  return isRecord(body) ? body[name] : undefined
}

/** A string, or nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether a value is one of the two strict numbers that every switch of the contract takes. */
export function isBit(value: unknown): value is 0 | 1 {
  return value === 0 || value === 1
}

/** An own entry of a record; names such as `constructor` come from clients too. */
export function own<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
