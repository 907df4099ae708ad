import type { Ctx } from '../../context.ts'
import { pingDatabase } from './queries.ts'

const PROBE_TIMEOUT_MS = 2_000

export interface ComponentHealth {
  status: 'healthy' | 'unhealthy' | 'not_configured'
  latency_ms: number | null
  message: string
}

export interface Health {
  status: 'healthy' | 'unhealthy'
  components: {
    api: ComponentHealth
    database: ComponentHealth
    cache: ComponentHealth
    plugin: ComponentHealth
  }
}

/** Asks every peer, in parallel and within a bound. A plug-in that is configured is needed. */
export async function checkHealth(ctx: Ctx): Promise<Health> {
  const { db, redis, plugin } = ctx.services
  const [database, cache, pluginHealth] = await Promise.all([
    probe(ctx, 'PostgreSQL', () => pingDatabase(db)),
    probe(ctx, 'Redis', () => redis.ping()),
    plugin ? probe(ctx, 'The plug-in API', () => reach(plugin.baseUrl)) : NOT_CONFIGURED,
  ])
  const components = { api: API, database, cache, plugin: pluginHealth }
  const isHealthy = Object.values(components).every((component) => component.status !== 'unhealthy')
  return { status: isHealthy ? 'healthy' : 'unhealthy', components }
}

const API: ComponentHealth = { status: 'healthy', latency_ms: 0, message: 'The Worker answers.' }
const NOT_CONFIGURED: ComponentHealth = {
  status: 'not_configured',
  latency_ms: null,
  message: 'No plug-in API is configured; chat is off.',
}

async function probe(
  ctx: Ctx,
  name: string,
  ask: () => PromiseLike<unknown>,
): Promise<ComponentHealth> {
  const startedAt = ctx.clock.now()
  const timeout = new Promise<never>((_, reject) => setTimeout(reject, PROBE_TIMEOUT_MS))
  try {
    await Promise.race([ask(), timeout])
    return {
      status: 'healthy',
      latency_ms: ctx.clock.now() - startedAt,
      message: `${name} answers.`,
    }
  } catch {
    return { status: 'unhealthy', latency_ms: null, message: `${name} does not answer.` }
  }
}

/** The plug-in has no health check of its own: any answer at all shows that it is there. */
async function reach(baseUrl: string): Promise<void> {
  const response = await fetch(baseUrl, {
    redirect: 'manual',
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  })
  await response.body?.cancel()
}
