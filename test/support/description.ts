import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { stack } from './shared-stack.ts'

/** Holds every answer that a test sees against the API's own description. */

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: unknown }> }>
}

interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, unknown> }
}

interface SeenAnswer {
  method: string
  path: string
  status: number
  contentType: string
  body: unknown
}

let loading: Promise<{ description: Description; ajv: Ajv2020 }> | undefined

async function load() {
  const response = await fetch(`${stack.baseUrl}/api/openapi.json`)
  const description = (await response.json()) as Description
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  // The package is CommonJS; its default export is the function under both module systems.
  ;(addFormats as unknown as (target: Ajv2020) => void)(ajv)
  ajv.addSchema({ $id: 'api', ...description })
  return { description, ajv }
}

const validators = new Map<string, ValidateFunction>()

/** @throws {Error} when the answer is not one that the description allows */
export async function checkAgainstDescription(answer: SeenAnswer): Promise<void> {
  const seen = unwrapped(answer)
  loading ??= load()
  const { description, ajv } = await loading
  const template = findTemplate(Object.keys(description.paths), seen.path)
  if (!template) return
  const operation = description.paths[template]?.[seen.method.toLowerCase()]
  if (!operation) return
  const response = operation.responses[String(seen.status)]
  const where = `${seen.method} ${template} → ${seen.status}`
  if (!response) throw new Error(`${where} is not described`)
  const media = seen.contentType.split(';')[0] ?? ''
  if (!response.content) {
    if (seen.body !== '') throw new Error(`${where} has a body that is not described`)
    return
  }
  const content = response.content[media]
  if (!content) throw new Error(`${where} as ${media} is not described`)
  if (media !== 'application/json' && media !== 'application/problem+json') return

  const pointer = [
    'paths',
    template,
    seen.method.toLowerCase(),
    'responses',
    String(seen.status),
    'content',
    media,
    'schema',
  ]
  const reference = `api#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
  const validate = validators.get(reference) ?? ajv.compile({ $ref: reference })
  validators.set(reference, validate)
  if (!validate(seen.body)) {
    throw new Error(`${where} does not match its description: ${ajv.errorsText(validate.errors)}`)
  }
}

/** The description is about bare answers: of an envelope, what it holds is looked at. */
function unwrapped(seen: SeenAnswer): SeenAnswer {
  const { body } = seen
  if (typeof body !== 'object' || body === null || !('status_code' in body && 'success' in body))
    return seen
  if ('data' in body) return { ...seen, body: body.data }
  const { message, error_code, details } = body as unknown as Envelope
  const problem = {
    type: 'about:blank',
    title: '',
    status: seen.status,
    detail: message,
    code: error_code.toLowerCase(),
    ...details,
  }
  return { ...seen, body: problem, contentType: 'application/problem+json' }
}

interface Envelope {
  message: string
  error_code: string
  details: object
}

/** The template that a path belongs to; the JSON API also answers without its prefix. */
function findTemplate(templates: string[], path: string): string | undefined {
  const { pathname } = new URL(path, 'http://localhost')
  for (const candidate of [pathname, `/api${pathname}`]) {
    const exact = templates.find((template) => template === candidate)
    const match = exact ?? templates.find((template) => pattern(template).test(candidate))
    if (match) return match
  }
  return undefined
}

function pattern(template: string): RegExp {
  return new RegExp(
    `^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`,
  )
}
