export { type AccountFlags, isUsable } from './account.ts'
export { callAsPerson } from './call-as-person.ts'
export {
  createPluginClient,
  type PluginClient,
  PluginError,
  type PluginRequest,
  requirePlugin,
} from './client.ts'
export { deleteDuePluginUsers, deletePluginUsersSoon } from './delete.ts'
export { toAppError } from './explain.ts'
export { Amount, Count, Flag, MaybeBoolean, MaybeText, Moment } from './fields.ts'
export { openPluginKey, requirePluginKey, sealedPluginKeyOf } from './key.ts'
export { lockAccountsOf } from './lock-accounts.ts'
export { pluginPath } from './path.ts'
export { provisionDue, provisionSoon } from './provision.ts'
export { findPluginAccount, personOfPluginUser } from './queries.ts'
