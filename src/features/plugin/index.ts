export {
  createPluginClient,
  type PluginClient,
  PluginError,
  requirePlugin,
  toAppError,
} from './client.ts'
export { deleteDuePluginUsers, deletePluginUsersSoon } from './delete.ts'
export { openPluginKey, requirePluginKey, sealedPluginKeyOf } from './key.ts'
export { provisionDue, provisionSoon } from './provision.ts'
export { pluginEndpoints } from './routes.ts'
