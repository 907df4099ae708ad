import { type Ctx, requirePerson } from '../../../context.ts'
import { requirePlugin, requirePluginKey } from '../../../sharing/plugin/index.ts'
import type { Target } from '../dialect.ts'

const DEFAULT_ACCOUNT_TYPE = 'antigravity'

/** The plug-in, with the person's own key and the account system that the credential draws from. */
export async function pluginTarget(ctx: Ctx, accountType: string | undefined): Promise<Target> {
  const { baseUrl } = requirePlugin(ctx.services.plugin)
  const key = await requirePluginKey(ctx)
  const person = requirePerson(ctx)
  return {
    url: (path) => `${baseUrl}${path}`,
    headers: {
      authorization: `Bearer ${key}`,
      'x-account-type':
        person.type === 'api_key' ? person.configType : (accountType ?? DEFAULT_ACCOUNT_TYPE),
    },
  }
}
