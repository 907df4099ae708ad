import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../app-env.ts'
import { takesEnvelope } from '../platform/http/enveloped-paths.ts'

interface Problem {
  detail: string
  code: string
  request_id: string
  errors?: unknown
}

/**
 * Wraps the answers of the JSON API as `{success, status_code, message, data, timestamp}` where the
 * deployment (`RESPONSE_FORMAT=envelope`) or the request (`Prefer: envelope`, RFC 7240) asks for it.
 */
export const envelope: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (!takesEnvelope(c.req.path)) return next()
  await next()
  const isAsked = preferences(c).includes('envelope')
  if (!isAsked && c.get('ctx')?.config.RESPONSE_FORMAT !== 'envelope') return
  const { status } = c.res
  const isEmpty = status === 204
  if (!isEmpty && !/^application\/(problem\+)?json\b/.test(c.res.headers.get('content-type') ?? ''))
    return

  const body: unknown = isEmpty ? null : await c.res.json()
  const timestamp = new Date(c.get('ctx').clock.now()).toISOString()
  const wrapped = isProblem(body)
    ? {
        success: false,
        status_code: status,
        message: body.detail,
        error_code: body.code.toUpperCase(),
        details: {
          request_id: body.request_id,
          ...(body.errors !== undefined && { errors: body.errors }),
        },
        timestamp,
      }
    : {
        success: status < 400,
        status_code: isEmpty ? 200 : status,
        message: messageOf(body),
        data: body,
        timestamp,
      }
  const headers = new Headers(c.res.headers)
  headers.set('content-type', 'application/json')
  headers.delete('content-length')
  headers.append('vary', 'Prefer')
  if (isAsked) headers.set('preference-applied', 'envelope')
  c.res = undefined
  c.res = new Response(JSON.stringify(wrapped), { status: isEmpty ? 200 : status, headers })
}

function preferences(c: Context<AppEnv>): string[] {
  return (c.req.header('prefer') ?? '').split(/[,;]/).map((item) => item.trim().toLowerCase())
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    'request_id' in body &&
    'title' in body
  )
}

/** What the answer itself says, where it says something. */
function messageOf(body: unknown): string {
  const own = typeof body === 'object' && body !== null && 'message' in body ? body.message : null
  return typeof own === 'string' ? own : 'Operation successful'
}
