import { type Ctx, requirePerson } from '../../../context.ts'
import { AppError } from '../../../errors.ts'
import { requirePlugin, requirePluginKey } from '../../../sharing/plugin/index.ts'
import type { Target } from '../dialect.ts'

/** The one account system whose accounts can be brought here and whose use is in the books. */
const ACCOUNT_TYPE = 'antigravity'

/** The plug-in, with the person's own key. */
export async function pluginTarget(ctx: Ctx): Promise<Target> {
  const { baseUrl } = requirePlugin(ctx.services.plugin)
  const person = requirePerson(ctx)
  if (person.type === 'api_key' && person.configType !== ACCOUNT_TYPE) {
    throw new AppError(
      'invalid_request',
      `This key was made for accounts of "${person.configType}", which this server does not serve any more. Make another key.`,
      { param: 'config_type' },
    )
  }
  const key = await requirePluginKey(ctx)
  return {
    url: (path) => `${baseUrl}${path}`,
    headers: { authorization: `Bearer ${key}`, 'x-account-type': ACCOUNT_TYPE },
  }
}
