import type { Ctx } from '../context.ts'
import { addressOf, keyHeaders } from './dialects/openai/address.ts'

/** How the AI service answers when it is asked whether it is there. */
export type ServiceState = 'not_configured' | 'answers' | 'refuses_key' | 'down'

/** What stands before a server says that there is none behind it. */
const NOBODY_BEHIND = [502, 503, 504, 521, 522, 523, 524, 530]

/**
 * Asks the AI service whether it is there. The plug-in API has no health check of its own, so that any
 * answer at all shows it; a plain server is asked for its models, with the key that calls use.
 *
 * @param signal ends the wait
 * @throws whatever `fetch` does where nobody answers
 */
export async function probeService({ config }: Ctx, signal: AbortSignal): Promise<ServiceState> {
  const { PLUGIN_API_BASE_URL: baseUrl, PLUGIN_API_DIALECT, UPSTREAM_API_KEY: key } = config
  if (!baseUrl) return 'not_configured'
  const isPlain = PLUGIN_API_DIALECT === 'openai'
  const response = await fetch(isPlain ? addressOf(baseUrl, '/v1/models') : baseUrl, {
    redirect: 'manual',
    headers: isPlain ? keyHeaders(baseUrl, key) : {},
    signal,
  })
  await response.body?.cancel()
  if (NOBODY_BEHIND.includes(response.status)) return 'down'
  return isPlain && response.status === 401 ? 'refuses_key' : 'answers'
}
