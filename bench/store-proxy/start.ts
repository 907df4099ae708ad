import { join } from 'node:path'
import { type SupervisedPart, supervise } from '../../dev/stack/supervisor.ts'
import type { StoreProxyOptions } from './server.ts'

/** What stands before the stores, one in front of each. */
export interface StoreProxies {
  database: SupervisedPart
  redis: SupervisedPart
}

/**
 * Starts a proxy in front of each store.
 *
 * @param resources takes over ending them
 */
export async function startStoreProxies(
  resources: AsyncDisposableStack,
  { NEON_FETCH_ENDPOINT = '', UPSTASH_REDIS_REST_URL = '' }: Record<string, string>,
): Promise<StoreProxies> {
  const start = async (target: string) => {
    const entry = join(import.meta.dirname, 'main.ts')
    const options: StoreProxyOptions = { target }
    const part = await supervise({ name: 'The store proxy', entry, options })
    resources.defer(() => part.stop())
    return part
  }
  return {
    database: await start(new URL(NEON_FETCH_ENDPOINT).origin),
    redis: await start(UPSTASH_REDIS_REST_URL),
  }
}
