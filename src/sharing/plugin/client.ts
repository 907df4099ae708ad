import * as z from 'zod'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { readLimited } from '../../platform/http/read-limited.ts'
import { parseJson } from '../../platform/json.ts'
import { type PluginClient, PluginError } from '../../ports/plugin-client.ts'

const CALL_TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

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
