export { createPluginClient, type PluginClient, requirePlugin } from './client.ts'
export { requirePluginKey } from './key.ts'
export { provisionDue, provisionSoon } from './provision.ts'
export { pluginEndpoints } from './routes.ts'
