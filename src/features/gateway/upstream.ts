import { type Ctx, requirePerson } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { requirePlugin, requirePluginKey } from '../plugin/index.ts'

export interface UpstreamRequest {
  method: 'GET' | 'POST'
  path: string
  accept: string
  body?: Uint8Array<ArrayBuffer>
  /** Ends the exchange when the client goes away. */
  signal?: AbortSignal
}

/**
 * Calls the plug-in with the person's own key. Only the headers named here cross to it, whatever
 * the client sent.
 *
 * @returns the answer as soon as its headers are there
 * @throws {AppError} `upstream_timeout`, `upstream_error` when there is no answer
 */
export async function callUpstream(ctx: Ctx, request: UpstreamRequest): Promise<Response> {
  const plugin = requirePlugin(ctx.services.plugin)
  const key = await requirePluginKey(ctx)
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), ctx.config.UPSTREAM_FIRST_BYTE_SECONDS * 1000)
  try {
    return await fetch(`${plugin.baseUrl}${request.path}`, {
      method: request.method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${key}`,
        accept: request.accept,
        'x-account-type': accountType(ctx),
        ...(request.body && { 'content-type': 'application/json' }),
      },
      ...(request.body && { body: request.body }),
      signal: request.signal ? AbortSignal.any([silence.signal, request.signal]) : silence.signal,
    })
  } catch (cause) {
    if (silence.signal.aborted) {
      throw new AppError('upstream_timeout', 'The AI service did not answer in time.', { cause })
    }
    throw new AppError(
      'upstream_error',
      'The AI service could not be reached. Try again in a moment.',
      { cause },
    )
  } finally {
    clearTimeout(timer)
  }
}

/** The account system to draw from: a key carries its own. */
function accountType(ctx: Ctx): string {
  const person = requirePerson(ctx)
  return person.type === 'api_key' ? person.configType : 'antigravity'
}
