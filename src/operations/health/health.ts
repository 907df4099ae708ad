import type { Ctx } from '../../context.ts'
import { probeService, type ServiceState } from '../../gateway/index.ts'
import { roleHas } from '../../permissions.ts'
import { within } from '../../platform/timer.ts'
import { type PluginVersion, pluginVersion } from '../../sharing/plugin/index.ts'
import { findMissing } from './queries.ts'

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
    plugin: ComponentHealth & { version?: PluginVersion | null }
  }
}

/** What a peer has said of itself: that it is of use, or in a sentence why not. */
interface Verdict {
  isUsable: boolean
  message: string
}

/** Asks every peer, in parallel and within a bound. An AI service that is configured is needed. */
export async function checkHealth(ctx: Ctx): Promise<Health> {
  const { db, redis } = ctx.services
  const [database, cache, plugin, version] = await Promise.all([
    probe(ctx, 'PostgreSQL', async () => ofTables(await findMissing(db))),
    probe(ctx, 'Redis', async () => redis.ping().then(() => usable('Redis answers.'))),
    ctx.config.PLUGIN_API_BASE_URL
      ? probe(ctx, 'The AI service', async () =>
          ofService(await probeService(ctx, AbortSignal.timeout(PROBE_TIMEOUT_MS))),
        )
      : NOT_CONFIGURED,
    versionFor(ctx),
  ])
  const components = { api: API, database, cache, plugin: { ...plugin, ...version } }
  const isHealthy = Object.values(components).every((component) => component.status !== 'unhealthy')
  return { status: isHealthy ? 'healthy' : 'unhealthy', components }
}

/** Only administrators are told. */
async function versionFor({ actor, services: { plugin } }: Ctx) {
  if (!plugin || !('role' in actor) || !roleHas(actor.role, 'settings:read')) return null
  return { version: await within(PROBE_TIMEOUT_MS, pluginVersion(plugin), null) }
}

const API: ComponentHealth = { status: 'healthy', latency_ms: 0, message: 'The Worker answers.' }
const NOT_CONFIGURED: ComponentHealth = {
  status: 'not_configured',
  latency_ms: null,
  message: 'No AI service is configured; chat is off.',
}

const usable = (message: string): Verdict => ({ isUsable: true, message })
const useless = (message: string): Verdict => ({ isUsable: false, message })

/** Says how many, and not which: anybody may ask. */
function ofTables(missing: number): Verdict {
  if (missing === 0) return usable('PostgreSQL answers.')
  return useless('PostgreSQL answers, but the migrations are not applied.')
}

function ofService(state: ServiceState): Verdict {
  if (state === 'down') return useless('The AI service does not answer.')
  if (state === 'refuses_key') return useless("The AI service refuses this server's key.")
  return usable('The AI service answers.')
}

async function probe(
  ctx: Ctx,
  name: string,
  ask: () => Promise<Verdict>,
): Promise<ComponentHealth> {
  const startedAt = ctx.clock.now()
  const timeout = new Promise<never>((_, reject) => setTimeout(reject, PROBE_TIMEOUT_MS))
  try {
    const { isUsable, message } = await Promise.race([ask(), timeout])
    const latency_ms = ctx.clock.now() - startedAt
    return { status: isUsable ? 'healthy' : 'unhealthy', latency_ms, message }
  } catch {
    return { status: 'unhealthy', latency_ms: null, message: `${name} does not answer.` }
  }
}
