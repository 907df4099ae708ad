import { servedModels } from './models.ts'
import type { Plugin } from './plugin.ts'

/** Names of everything that can be served: the forwarding target's models, or the built-in ones. */
export async function catalog(plugin: Plugin): Promise<readonly string[]> {
  return plugin.upstream ? plugin.upstream.models() : servedModels(plugin)
}
