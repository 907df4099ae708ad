import type { Ctx } from '../../../context.ts'
import { EPOCH_KEY } from '../../../platform/epoch.ts'
import { loadPools } from './load-pools.ts'
import { publishPools } from './publish-pools.ts'

/** Shows the gate somebody's pools ahead of their first call. */
export async function tellGate(
  ctx: Pick<Ctx, 'services' | 'clock' | 'config'>,
  { userId, trustLevel }: { userId: number; trustLevel: number },
): Promise<void> {
  const { leases, redis } = ctx.services
  const epoch = leases.epoch || ((await redis.get<string>(EPOCH_KEY)) ?? '')
  await publishPools(ctx, await loadPools(ctx, userId, trustLevel), epoch)
}
