/**
 * Turns the `params` of a request into PostgreSQL's text format. The driver sends strings and null;
 * other clients may send any JSON. Rules as in Neon's proxy: numbers, booleans and objects become
 * their JSON text, arrays become array literals.
 */
export function toTextParams(params: readonly unknown[]): (string | null)[] {
  return params.map(toTextParam)
}

function toTextParam(value: unknown): string | null {
  if (value === null || value === undefined) return null
  // A lone surrogate has no UTF-8 form and would shift the length of the message it is in.
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return toArrayLiteral(value)
  return JSON.stringify(value)
}

function toArrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(toArrayElement).join(',')}}`
}

function toArrayElement(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (Array.isArray(value)) return toArrayLiteral(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value)
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
