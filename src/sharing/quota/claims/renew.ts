import type { Ctx } from '../../../context.ts'

/** Keeps what this isolate's calls hold from lapsing; call it now and then while one is under way. */
export async function renewClaims({
  services,
  clock,
}: Pick<Ctx, 'services' | 'clock'>): Promise<void> {
  const { leases, redis } = services
  const now = clock.now()
  const due = leases.due(now)
  // Without Redis nobody else can take what lapses either.
  if (due.length > 0) await leases.update(redis, due, now).catch(() => undefined)
}
