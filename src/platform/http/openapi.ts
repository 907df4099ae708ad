import * as z from 'zod'
import { ERROR_KINDS, type ErrorCode } from '../../errors.ts'
import { isForKeys } from '../../permissions.ts'
import type { Endpoint, EndpointSpec } from './endpoint.ts'
import { type ErrorFace, errorFaceOf } from './error-face.ts'
import {
  anthropicErrorSchema,
  googleErrorSchema,
  oauthErrorSchema,
  openAIErrorSchema,
  problemSchema,
} from './error-schemas.ts'

/** OpenAPI 3.1 speaks JSON Schema 2020-12, which is what zod writes: no translation in between. */

type Json = Record<string, unknown>

interface DocumentInfo {
  title: string
  version: string
  description: string
  serverUrl: string
}

/** A group of endpoints and where it is mounted. */
export interface MountedEndpoints {
  prefix: string
  endpoints: readonly Endpoint[]
}

/** What every route can answer whatever it does. */
const COMMON_ERRORS: ErrorCode[] = ['internal_error', 'service_unavailable', 'address_refused']
const AUTH_ERRORS: ErrorCode[] = ['not_authenticated', 'account_disabled', 'rate_limited']
const BODY_ERRORS: ErrorCode[] = [
  'malformed_request',
  'validation_failed',
  'payload_too_large',
  'unsupported_media_type',
]

/** Describes the endpoints as an OpenAPI 3.1 document. */
export function describeApi(info: DocumentInfo, groups: readonly MountedEndpoints[]): Json {
  const schemas: Json = {
    Problem: problemSchema,
    OpenAIError: openAIErrorSchema,
    GoogleError: googleErrorSchema,
    AnthropicError: anthropicErrorSchema,
    OAuthError: oauthErrorSchema,
  }
  const paths: Record<string, Json> = {}
  for (const { prefix, endpoints } of groups) {
    for (const { spec } of endpoints) {
      const path = openApiPath(prefix + spec.path)
      paths[path] = { ...paths[path], [spec.method]: describeOperation(spec, path, schemas) }
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: info.title,
      version: info.version,
      description: info.description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: info.serverUrl }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'From POST /api/auth/login.',
        },
        apiKey: { type: 'http', scheme: 'bearer', description: 'A key from POST /api/api-keys.' },
        apiKeyHeader: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description: 'The same key in its own header.',
        },
      },
    },
  }
}

/** Hono's `/a/:id{.+}` as OpenAPI's `/a/{id}`. */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z_]+)(\{[^}]*\})?\??/g, '{$1}')
}

function describeOperation(spec: EndpointSpec, path: string, schemas: Json): Json {
  const { answer } = spec
  return {
    operationId: spec.operationId,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description && { description: spec.description }),
    security: security(spec),
    ...((spec.params || spec.query) && {
      parameters: [
        ...parameters('path', spec.params, schemas),
        ...parameters('query', spec.query, schemas),
      ],
    }),
    ...(spec.body && {
      requestBody: {
        required: spec.bodyRequired !== false,
        content: {
          [spec.bodyType ?? 'application/json']: { schema: toSchema(spec.body, 'input', schemas) },
        },
      },
    }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema && {
          content: {
            'application/json': { schema: toSchema(answer.schema, 'output', schemas) },
            ...Object.fromEntries(
              (answer.alsoAs ?? []).map((type) => [type, { schema: { type: 'string' } }]),
            ),
          },
        }),
      },
      ...describeOthers(spec, describeErrors(spec, path), schemas),
    },
  }
}

function security(spec: EndpointSpec): Json[] {
  if (spec.auth === 'public') return []
  const token = { accessToken: [] }
  if (!takesKeys(spec)) return [token]
  if (spec.auth === 'optional') return [token, {}]
  return [token, { apiKey: [] }, { apiKeyHeader: [] }]
}

/** Whether an API key can be enough, whatever it carries. */
function takesKeys({ auth }: EndpointSpec): boolean {
  if (auth === 'session') return false
  return typeof auth !== 'object' || !('permission' in auth) || isForKeys(auth.permission)
}

/** @param errors by status; one that is an answer of another kind as well is described as both */
function describeOthers(
  spec: EndpointSpec,
  errors: Record<string, { description: string; content: Json }>,
  schemas: Json,
): Json {
  const others = Object.entries(spec.otherAnswers ?? {}).map(([status, other]) => {
    const error = errors[status]
    const content = {
      ...error?.content,
      ...(other?.schema && {
        'application/json': { schema: toSchema(other.schema, 'output', schemas) },
      }),
    }
    const description = [other?.description, error?.description].filter(Boolean).join(' ')
    return [status, { description, ...(Object.keys(content).length > 0 && { content }) }]
  })
  return { ...errors, ...Object.fromEntries(others) }
}

function describeErrors(
  spec: EndpointSpec,
  path: string,
): Record<string, { description: string; content: Json }> {
  const codes = [
    ...COMMON_ERRORS,
    ...(spec.auth === 'public' ? [] : AUTH_ERRORS),
    ...(spec.method === 'get' ? [] : (['cross_site_request'] as const)),
    ...(spec.limit ? (['rate_limited'] as const) : []),
    ...(typeof spec.auth === 'object' ? (['forbidden'] as const) : []),
    ...(typeof spec.auth === 'object' && takesKeys(spec) ? (['insufficient_scope'] as const) : []),
    ...(spec.body ? BODY_ERRORS : []),
    ...(spec.params || spec.query ? (['validation_failed'] as const) : []),
    ...(spec.errors ?? []),
  ]
  const byStatus = new Map<number, Set<ErrorCode>>()
  for (const code of codes) {
    const { status } = ERROR_KINDS[code]
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code))
  }
  const content = errorContent(errorFaceOf(path))
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, names]) => [
        String(status),
        {
          description: [...names]
            .map((code) => `\`${code}\`: ${ERROR_KINDS[code].title}`)
            .join('; '),
          content,
        },
      ]),
  )
}

function parameters(place: 'path' | 'query', schema: z.ZodType | undefined, schemas: Json): Json[] {
  if (!schema) return []
  const object = toSchema(schema, 'input', schemas) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(object.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (object.required ?? []).includes(name),
    schema: property,
  }))
}

/** Named schemas (`.meta({ id })`) move to the document's components. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $defs,
    $schema: _,
    ...json
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & {
    $defs?: Json
  }
  for (const [name, definition] of Object.entries($defs ?? {}))
    schemas[name] = withoutId(lift(definition) as Json)
  const lifted = lift(json) as Json
  // A schema that has a name may come as a mere reference to its definition.
  if (typeof json.id !== 'string') return lifted
  schemas[json.id] = withoutId(lifted)
  return { $ref: `#/components/schemas/${json.id}` }
}

function withoutId({ id: _, ...schema }: Json): Json {
  return schema
}

function lift(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lift)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) =>
      name === '$ref' && typeof item === 'string'
        ? [name, item.replace('#/$defs/', '#/components/schemas/')]
        : [name, lift(item)],
    ),
  )
}

function errorContent(face: ErrorFace): Json {
  const schema = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } })
  if (face === 'openai' || face === 'responses')
    return { 'application/json': schema('OpenAIError') }
  if (face === 'anthropic') return { 'application/json': schema('AnthropicError') }
  if (face === 'google') return { 'application/json': schema('GoogleError') }
  if (face === 'oauth') return { 'application/json': schema('OAuthError') }
  return { 'application/problem+json': schema('Problem') }
}
