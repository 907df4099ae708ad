import type { JsonObject } from '../../dialects/fields.ts'

/** A field by its name, which Google takes in both spellings: https://protobuf.dev/programming-guides/json/. */
export function field(object: JsonObject, name: string): unknown {
  return object[name] ?? object[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
}
