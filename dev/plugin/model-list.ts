import { callingUser } from './auth.ts'
import { catalog } from './catalog.ts'
import type { Exchange } from './exchange.ts'
import { refreshQuotas } from './meter.ts'
import { isNewer } from './models.ts'
import type { Plugin } from './plugin.ts'
import { Refusal } from './refusal.ts'
import { NO_ACCOUNT, oldestOwn } from './selection.ts'

/** Models of the two other account systems, which the newer version mixes in. */
const OTHER_SYSTEMS = ['claude-sonnet-4-5-20250929', 'qwen3-coder-plus']

/** `GET /v1/models`: lists what the caller's own oldest usable account offers; never a borrowed one. */
export async function listModels(plugin: Plugin, exchange: Exchange): Promise<void> {
  const account = oldestOwn(plugin, callingUser(exchange))
  // Without the header the newer version merges what all of its systems offer, and never fails.
  const merges = isNewer(plugin) && exchange.request.headers['x-account-type'] === undefined
  if (!account && !merges) throw new Refusal(500, NO_ACCOUNT)
  const names = [...(account ? await catalog(plugin) : []), ...(merges ? OTHER_SYSTEMS : [])]
  if (account) await refreshQuotas(plugin, account)
  const created = Math.floor(plugin.now() / 1_000)
  return exchange.reply.json(200, {
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created, owned_by: 'google' })),
  })
}
