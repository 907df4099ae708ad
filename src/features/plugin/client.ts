import * as z from 'zod'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { readLimited } from '../../platform/http/read-limited.ts'
import { parseJson } from '../../platform/json.ts'

const CALL_TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Who calls the plug-in: its administrator, or one of its users by their key. */
export type PluginCaller = { as: 'admin' } | { as: 'user'; key: string }

export interface PluginRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the plug-in's base URL; encode every segment that comes from outside. */
  path: string
  body?: unknown
}

/** A failure of a plug-in call, before anybody has decided what it means for our own caller. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  /** Null when there was no answer at all. */
  readonly status: number | null
  /** Whether the plug-in may have acted although no answer came. */
  readonly isUncertain: boolean

  constructor(
    status: number | null,
    message: string,
    options: { isUncertain?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.isUncertain = options.isUncertain ?? status === null
  }
}

/** JSON calls to the plug-in API; chat has its own way, since it streams. */
export interface PluginClient {
  readonly baseUrl: string
  /**
   * @returns the answer's `data`, checked against the schema
   * @throws {PluginError} for every failure, bounded in time and size
   */
  call<Data>(caller: PluginCaller, request: PluginRequest, schema: z.ZodType<Data>): Promise<Data>
}

const Refusal = z.object({ error: z.string() })

/** Null while `PLUGIN_API_BASE_URL` is not set, and where a plain server without accounts stands there. */
export function createPluginClient(config: Config): PluginClient | null {
  const { PLUGIN_API_BASE_URL: baseUrl, PLUGIN_API_ADMIN_KEY: adminKey } = config
  if (!baseUrl || !adminKey || config.PLUGIN_API_DIALECT === 'openai') return null
  return {
    baseUrl,
    async call(caller, { method, path, body }, schema) {
      const { status, text } = await exchange(`${baseUrl}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${caller.as === 'admin' ? adminKey : caller.key}`,
          accept: 'application/json',
          // The plug-in answers 500 to a missing body.
          ...(method !== 'GET' && { 'content-type': 'application/json' }),
        },
        ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      })
      return readAnswer(status, text, schema)
    },
  }
}

async function exchange(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init)
    return { status: response.status, text: await readLimited(response, MAX_ANSWER_BYTES) }
  } catch (cause) {
    throw new PluginError(null, 'the plug-in API gave no answer', { cause })
  }
}

function readAnswer<Data>(status: number, text: string, schema: z.ZodType<Data>): Data {
  const json = parseJson(text)
  if (status < 200 || status > 299) {
    const refusal = Refusal.safeParse(json)
    throw new PluginError(status, refusal.success ? refusal.data.error : 'not a JSON error')
  }
  const envelope = z.object({ success: z.literal(true), data: schema }).safeParse(json)
  if (!envelope.success) {
    throw new PluginError(status, 'an answer of an unknown form', {
      isUncertain: true,
      cause: envelope.error,
    })
  }
  return envelope.data.data
}

/**
 * What a plug-in failure means to our caller. Its messages are Chinese prose and its 401 is never
 * ours, so only the status is kept where it says something true.
 *
 * @param known what particular statuses of this call mean
 */
export function toAppError(
  error: unknown,
  known: Partial<Record<number, AppError>> = {},
): AppError {
  if (!(error instanceof PluginError)) throw error
  const meaning = error.status !== null && known[error.status]
  if (meaning) return meaning
  if (error.status === null) {
    return new AppError(
      'upstream_timeout',
      'The plug-in API did not answer. Try again in a moment.',
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    )
  }
  return new AppError('upstream_error', `The plug-in API failed (status ${error.status}).`, {
    cause: error,
  })
}

/** @throws {AppError} `plugin_not_configured` */
export function requirePlugin(plugin: PluginClient | null): PluginClient {
  if (plugin) return plugin
  throw new AppError(
    'plugin_not_configured',
    'No AI service is configured on this server. An administrator has to set PLUGIN_API_BASE_URL.',
  )
}
