import { EXAMPLES } from './examples.ts'

type Body = Record<string, { schema: { $ref?: string }; example?: unknown }>

/** Puts an example beside the schema of every body that has a name, in place. */
export function addExamples(paths: Record<string, Record<string, unknown>>): void {
  for (const operations of Object.values(paths)) {
    for (const operation of Object.values(operations)) {
      const { requestBody } = operation as { requestBody?: { content: Body } }
      for (const media of Object.values(requestBody?.content ?? {})) {
        const name = media.schema.$ref?.split('/').at(-1) ?? ''
        if (name in EXAMPLES) media.example = EXAMPLES[name]
      }
    }
  }
}
