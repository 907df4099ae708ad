import type { Context } from 'hono'
import type { AppEnv } from '../../app-env.ts'
import { requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requireScope } from '../../permissions.ts'
import { markInner } from '../../platform/http/inner-call.ts'
import { parseJson } from '../../platform/json.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { INVALID_PARAMS, RpcError } from './rpc.ts'
import { TOOLS } from './tools.ts'

/** Headers that say who asks, and from where. */
const FORWARDED = ['authorization', 'x-api-key', 'cf-connecting-ip', 'user-agent']

interface ToolResult {
  content: { type: 'text'; text: string }[]
  structuredContent?: object
  isError?: true
}

/**
 * Does what a tool stands for, as the caller: a request of our own API with their credential. What goes wrong there
 * is told to the model; what the credential lacks, to its host.
 *
 * @throws {RpcError} for an unknown tool, or input that does not fit it
 * @throws {AppError} `insufficient_scope`
 */
export async function callTool(c: Context<AppEnv>, params: unknown): Promise<ToolResult> {
  const { name, arguments: given = {} } = (params ?? {}) as { name?: unknown; arguments?: unknown }
  const tool = TOOLS.find((candidate) => candidate.name === name)
  if (!tool) throw new RpcError(INVALID_PARAMS, 'There is no such tool.')
  const ctx = c.get('ctx')
  requirePerson(ctx)
  requireScope(ctx, tool.scope)
  const input = tool.input.safeParse(given)
  if (!input.success) {
    const [issue] = input.error.issues
    return failed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`)
  }
  const { path, json } = tool.call(input.data as never)
  const { status, body } = await ask(c, path, json)
  if (status !== 200) return failed(reasonOf(body) ?? `The call was answered with ${status}.`)
  const read = tool.read(body as never)
  if (typeof read === 'string') return { content: [{ type: 'text', text: read }] }
  return {
    content: [{ type: 'text', text: JSON.stringify(read) }],
    structuredContent: read as object,
  }
}

async function ask(c: Context<AppEnv>, path: string, json: unknown) {
  const headers = new Headers({ accept: 'application/json' })
  for (const name of FORWARDED) {
    const value = c.req.header(name)
    if (value !== undefined) headers.set(name, value)
  }
  const payload = json === undefined ? null : new TextEncoder().encode(JSON.stringify(json))
  if (payload) {
    headers.set('content-type', 'application/json')
    // A body whose length is known is passed on as it is, in the request that is marked below.
    headers.set('content-length', String(payload.byteLength))
  }
  const request = new Request(new URL(path, c.req.url), {
    headers,
    signal: c.req.raw.signal,
    ...(payload && { method: 'POST', body: payload }),
  })
  const callApi = c.get('callApi')
  if (!callApi) throw new AppError('internal_error')
  // A model may take minutes, and its call has limits of its own.
  const answer = await withoutStoreTime(() => callApi(markInner(request, c.req.path)))
  return { status: answer.status, body: parseJson(await answer.text()) }
}

/** What the API says about it, in either of its forms. */
function reasonOf(body: unknown): string | undefined {
  const { detail, error } = (body ?? {}) as { detail?: string; error?: { message?: string } }
  return detail ?? error?.message
}

function failed(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}
