import { callingUser } from './auth.ts'
import { catalog } from './catalog.ts'
import type { Exchange } from './exchange.ts'
import { refreshQuotas } from './meter.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import { NO_ACCOUNT, oldestOwn } from './selection.ts'

/** `GET /v1/models`: lists what the caller's own oldest usable account offers; never a borrowed one. */
export async function listModels(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = oldestOwn(plugin, callingUser(exchange))
  if (!account) throw new Refusal(500, NO_ACCOUNT)
  const names = await catalog(plugin)
  await refreshQuotas(plugin, account)
  const created = Math.floor(plugin.now() / 1_000)
  return exchange.reply.json(200, {
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created, owned_by: 'google' })),
  })
}
