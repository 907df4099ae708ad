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
  /** Below the plug-in's base URL; made by `pluginPath` where anything comes from outside. */
  path: string
  body?: unknown
  /** For calls that make the plug-in ask its upstreams. */
  timeoutMs?: number
}

/** A failure of a plug-in call, before anybody has decided what it means for our own caller. */
export class PluginError extends Error {
  override readonly name = 'PluginError'
  /** Null when there was no answer at all. */
  readonly status: number | null
  /** What the plug-in itself gave as the reason; null when something else came. For people who read Chinese. */
  readonly refusal: string | null
  /** Whether the plug-in may have acted although no answer came. */
  readonly isUncertain: boolean
  /** Whether it was we who stopped waiting. */
  readonly isTimeout: boolean

  constructor(
    status: number | null,
    message: string,
    options: { refusal?: string | null; isUncertain?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.refusal = options.refusal ?? null
    this.isUncertain = options.isUncertain ?? status === null
    this.isTimeout = options.cause instanceof Error && options.cause.name === 'TimeoutError'
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
    async call(caller, { method, path, body, timeoutMs = CALL_TIMEOUT_MS }, schema) {
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
        signal: AbortSignal.timeout(timeoutMs),
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
    throw new PluginError(status, 'the plug-in API refused', {
      refusal: refusal.success ? refusal.data.error : null,
    })
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

/** @throws {AppError} `plugin_not_configured` */
export function requirePlugin(plugin: PluginClient | null): PluginClient {
  if (plugin) return plugin
  throw new AppError(
    'plugin_not_configured',
    'No AI service is configured on this server. An administrator has to set PLUGIN_API_BASE_URL.',
  )
}
