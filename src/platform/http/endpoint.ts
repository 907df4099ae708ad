import { zValidator } from '@hono/zod-validator'
import type { Context, Hono, MiddlewareHandler, ValidationTargets } from 'hono'
import type * as z from 'zod'
import type { AppEnv } from '../../app-env.ts'
import type { LimitName } from '../../config.ts'
import { AppError, type ErrorCode } from '../../errors.ts'
import type { Permission } from '../../permissions.ts'
import type { Scope } from '../../scopes.ts'
import { readJson } from './json-body.ts'
import { storable } from './storable-text.ts'

/**
 * A route as data: from one declaration come validation, types, the guard on the answer and the
 * OpenAPI description, so that none of them can drift from the others.
 */
export interface EndpointSpec<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** In Hono's syntax, below the mount point. */
  path: string
  /** Unique name of the operation, for generated clients. */
  operationId: string
  tag: string
  summary: string
  description?: string
  auth: AuthRequirement
  /** A limit of its own, for each client address. */
  limit?: LimitName
  /**
   * Not counted against the limit of the person's role: what a session is ended with. Whoever has used
   * that limit up must still be able to sign out.
   */
  isUncounted?: boolean
  /** Where `auth` is optional: while a store is down a credential says nothing, and the call goes on. */
  isWithoutStores?: boolean
  /** `handler`: waits for `ctx.cleared` itself, together with whatever else it asks Redis for. */
  admission?: 'handler'
  params?: Params
  query?: Query
  /** JSON body. */
  body?: Body
  /** The media type of `body`, where it is not JSON; the handler reads it itself. */
  bodyType?: 'application/x-www-form-urlencoded'
  /** False: the handler reads the body itself, and `body` only describes it. */
  validateBody?: boolean
  /** False: a request without a body is read as `{}`. */
  bodyRequired?: boolean
  answer: {
    status: 200 | 201 | 202 | 204 | 303
    description: string
    schema?: Answer
    /** Other media types of the same answer. */
    alsoAs?: string[]
  }
  /** Answers with another status that are no errors of ours. */
  otherAnswers?: Partial<Record<number, { description: string; schema?: z.ZodType }>>
  /** What can go wrong beside what every route can answer. */
  errors?: readonly ErrorCode[]
}

/**
 * Who may call: `public` anybody; `optional` anybody, and a credential that holds is looked at;
 * `session` an access token; `person` an access token or an API key; `scope` the same, where a key
 * that was narrowed must carry the scope; `namedScope` the same, but the key must carry it by name;
 * `permission` whoever's role has it, by an access token or
 * by a key that carries the permission's scope by name.
 */
export type AuthRequirement =
  | 'public'
  | 'optional'
  | 'session'
  | 'person'
  | { scope: Scope }
  | { namedScope: Scope }
  | { permission: Permission }

export interface EndpointInput<Params, Query, Body> {
  params: Params
  query: Query
  body: Body
}

/** A described route and what answers it; made by `endpoint`. */
export interface Endpoint {
  spec: EndpointSpec
  handler: (c: Context<AppEnv>, input: EndpointInput<never, never, never>) => Promise<unknown>
}

/**
 * Declares a route.
 *
 * @param handler translates between HTTP and a verb; it returns the answer's body (undeclared
 *   fields are cut off) or a whole `Response` where the answer is not JSON
 */
export function endpoint<
  Params extends z.ZodType = z.ZodUnknown,
  Query extends z.ZodType = z.ZodUnknown,
  Body extends z.ZodType = z.ZodUnknown,
  Answer extends z.ZodType = z.ZodUnknown,
>(
  spec: EndpointSpec<Params, Query, Body, Answer>,
  handler: (
    c: Context<AppEnv>,
    input: EndpointInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<z.input<Answer> | Response>,
): Endpoint {
  return {
    spec: spec as unknown as EndpointSpec,
    handler: handler as unknown as Endpoint['handler'],
  }
}

/** Registers the endpoints on an app, each behind its gate and its validators. */
export function mount(
  app: Hono<AppEnv>,
  endpoints: readonly Endpoint[],
  gate: (spec: EndpointSpec) => MiddlewareHandler<AppEnv>,
): void {
  for (const { spec, handler } of endpoints) {
    const body =
      spec.body && !spec.bodyType && spec.validateBody !== false
        ? [validate('json', spec.body, spec.bodyRequired)]
        : []
    app.on(
      spec.method,
      spec.path,
      gate(spec),
      ...(spec.params ? [validate('param', spec.params)] : []),
      ...(spec.query ? [validate('query', spec.query)] : []),
      ...body,
      async (c) => {
        const valid = c.req as unknown as { valid(target: string): never }
        const result = await handler(c, {
          params: valid.valid('param'),
          query: valid.valid('query'),
          body: valid.valid('json'),
        })
        if (result instanceof Response) return result
        if (!spec.answer.schema) return c.body(null, 204)
        return c.json(spec.answer.schema.parse(result), spec.answer.status as 200)
      },
    )
  }
}

function validate(
  target: keyof ValidationTargets,
  schema: z.ZodType,
  required = true,
): MiddlewareHandler<AppEnv> {
  const refuse = (issues: readonly z.core.$ZodIssue[]): never => {
    throw new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
      errors: issues.map((issue) => ({
        path: issue.path.map(String).join('.') || target,
        message: issue.message,
      })),
    })
  }
  const validator = zValidator(target, storable(schema), (result) => {
    if (!result.success) refuse(result.error.issues)
  }) as MiddlewareHandler<AppEnv>
  if (target !== 'json') return validator
  return async (c, next) => {
    const json = readJson(await c.req.arrayBuffer(), (name) => c.req.header(name))
    if (json === undefined && required)
      throw new AppError('malformed_request', 'This call needs a JSON body.')
    const parsed = await storable(schema).safeParseAsync(json ?? {})
    c.req.addValidatedData(
      'json',
      (parsed.success ? parsed.data : refuse(parsed.error.issues)) as object,
    )
    return next()
  }
}
