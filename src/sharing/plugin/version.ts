import * as z from 'zod'
import { type PluginClient, PluginError } from '../../ports/plugin-client.ts'

/** Which of the two plug-ins stands behind us: that of December 2025, or the last, of February 2026. */
export type PluginVersion = 'older' | 'newer'

const NOT_FOUND = 404
/** No account has this id. */
const PROBE = '/api/accounts/-/detail'

/** What was found out, by client: it is asked once an isolate. */
const known = new WeakMap<PluginClient, PluginVersion>()

/**
 * The plug-in does not say which it is. The newer one knows one call more, and answers in JSON that
 * there is no such account; the older one answers a page.
 *
 * @returns null while it cannot be told
 */
export async function pluginVersion(plugin: PluginClient): Promise<PluginVersion | null> {
  const found = known.get(plugin)
  if (found) return found
  try {
    await plugin.call({ as: 'admin' }, { method: 'GET', path: PROBE }, z.unknown())
    return null
  } catch (error) {
    if (!(error instanceof PluginError) || error.status !== NOT_FOUND) return null
    const version = error.refusal === null ? 'older' : 'newer'
    known.set(plugin, version)
    return version
  }
}
