import { type Ctx, requirePerson } from '../../../context.ts'
import { settleConsumption } from './due-people.ts'

/**
 * Copies the person's consumption out before one of their accounts is deleted: the plug-in erases
 * the rows with it. Rows of others who drew from the account are copied as soon as their calls end.
 *
 * @throws {PluginError} when it cannot be read
 */
export async function settleBeforeDeletion(ctx: Ctx): Promise<void> {
  const { userId, pluginKeyCiphertext } = requirePerson(ctx)
  if (pluginKeyCiphertext !== null) await settleConsumption(ctx, { userId, pluginKeyCiphertext })
}
