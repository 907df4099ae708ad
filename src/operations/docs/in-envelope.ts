import { takesEnvelope } from '../../platform/http/enveloped-paths.ts'

type Json = Record<string, unknown>
type Content = Record<string, { schema?: unknown }>
interface Response {
  description: string
  content?: Content
}
interface Operation {
  responses: Record<string, Response>
}

export interface ApiDescription {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Json }
}

const COMMON = {
  status_code: { type: 'integer', description: 'The HTTP status.' },
  message: { type: 'string', description: 'What a person reads.' },
  timestamp: { type: 'string', format: 'date-time' },
}

const ERROR = {
  type: 'object',
  description: 'An error in its envelope.',
  required: ['success', 'status_code', 'message', 'error_code', 'details', 'timestamp'],
  properties: {
    success: { const: false },
    ...COMMON,
    error_code: {
      type: 'string',
      description: 'What a program reads, in capitals; never changes.',
    },
    details: {
      type: 'object',
      required: ['request_id'],
      properties: {
        request_id: { type: 'string' },
        errors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['path', 'message'],
            properties: { path: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
}

/** The same description of an API whose JSON answers come in an envelope (`RESPONSE_FORMAT=envelope`). */
export function inEnvelope(description: ApiDescription): ApiDescription {
  return {
    ...description,
    paths: Object.fromEntries(
      Object.entries(description.paths).map(([path, operations]) => [
        path,
        takesEnvelope(path) ? mapValues(operations, enveloped) : operations,
      ]),
    ),
    components: {
      ...description.components,
      schemas: { ...description.components.schemas, EnvelopeError: ERROR },
    },
  }
}

function enveloped(operation: Operation): Operation {
  const responses = Object.entries(operation.responses).map(([status, response]) =>
    status === '204'
      ? [
          '200',
          { ...response, content: { 'application/json': { schema: around({ type: 'null' }) } } },
        ]
      : [status, { ...response, ...(response.content && { content: wrapped(response.content) }) }],
  )
  return { ...operation, responses: Object.fromEntries(responses) }
}

function wrapped(content: Content): Content {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]) => {
      if (type === 'application/problem+json')
        return ['application/json', { schema: { $ref: '#/components/schemas/EnvelopeError' } }]
      return [type, { schema: type === 'application/json' ? around(schema) : schema }]
    }),
  )
}

function around(data: unknown): Json {
  return {
    type: 'object',
    required: ['success', 'status_code', 'message', 'data', 'timestamp'],
    properties: { success: { type: 'boolean' }, ...COMMON, data },
  }
}

function mapValues<From, To>(from: Record<string, From>, change: (value: From) => To) {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value)]))
}
