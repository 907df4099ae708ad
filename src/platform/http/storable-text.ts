import * as z from 'zod'

/** No schema of ours is as deep; what lies below is cut off or refused. */
const MAX_DEPTH = 10

/** PostgreSQL stores no NUL, and UTF-8 has no half of a surrogate pair. */
export const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed()

/** Where in a value a text stands that nobody can store; null: nowhere. Without recursion: values may be deep. */
function findUnstorable(root: unknown): string[] | null {
  const open: { value: unknown; path: string[] }[] = [{ value: root, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    if (typeof value === 'string' && !isStorable(value)) return path
    if (typeof value !== 'object' || value === null) continue
    if (path.length >= MAX_DEPTH) continue
    for (const [name, inner] of Object.entries(value))
      open.push({ value: inner, path: [...path, name] })
  }
  return null
}

/** The same schema for texts that can be stored, as every input has to be. */
export function storable(schema: z.ZodType): z.ZodType {
  return z
    .unknown()
    .superRefine((value, check) => {
      const path = findUnstorable(value)
      if (path)
        check.addIssue({ code: 'custom', path, message: 'Holds a character that is not allowed.' })
    })
    .pipe(schema)
}
