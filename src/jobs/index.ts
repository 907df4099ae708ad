import type { Bindings } from '../app-env.ts'
import { configOf } from '../config.ts'
import type { Ctx } from '../context.ts'
import { liftEndedBans } from '../features/admin/index.ts'
import { expireAuditEvents } from '../features/audit/index.ts'
import { expireEmailChanges } from '../features/email-address/index.ts'
import { deliverDue } from '../features/mail/index.ts'
import { expireTokens } from '../features/one-time-tokens/index.ts'
import { deleteDuePluginUsers, provisionDue } from '../features/plugin/index.ts'
import { recoverPools, settleDue, settleStragglers } from '../features/quota/index.ts'
import { rotateDue } from '../features/signing-keys/index.ts'
import { systemClock } from '../platform/clock.ts'
import { createLogger, errorName } from '../platform/logger.ts'
import { systemRandom } from '../platform/random.ts'
import { servicesOf } from '../services.ts'

/** A job does its work and says how many things it changed. */
type Job = (ctx: Ctx) => Promise<number>

/** Cron expression (as in wrangler.toml) → what runs then. */
export const JOBS: Record<string, Record<string, Job>> = {
  '*/5 * * * *': {
    'plugin-provisioning': provisionDue,
    'usage-stragglers': settleStragglers,
    settlement: settleDue,
    mail: deliverDue,
    'plugin-deletion': deleteDuePluginUsers,
    'ended-bans': liftEndedBans,
  },
  '0 * * * *': {
    'quota-recovery': recoverPools,
  },
  '17 3 * * *': {
    'signing-keys': rotateDue,
    'audit-retention': expireAuditEvents,
    'mail-tokens': expireTokens,
    'email-changes': expireEmailChanges,
  },
}

/** The Worker's `scheduled` handler. One failing job keeps no other from running. */
export async function runScheduled(
  controller: { cron: string },
  bindings: Bindings,
  execution: { waitUntil(work: Promise<unknown>): void },
): Promise<void> {
  const config = configOf(bindings)
  const logger = createLogger(config.LOG_LEVEL, systemClock.now)
  for (const [name, job] of Object.entries(JOBS[controller.cron] ?? {})) {
    const startedAt = systemClock.now()
    const ctx: Ctx = {
      config,
      clock: systemClock,
      random: systemRandom,
      actor: { type: 'system', job: name },
      requestId: systemRandom.uuid(),
      clientIp: null,
      userAgent: null,
      services: servicesOf(config),
      logger,
      waitUntil: (work) => execution.waitUntil(work),
    }
    try {
      const changed = await job(ctx)
      logger.log('info', 'job', { job: name, changed, duration_ms: systemClock.now() - startedAt })
    } catch (error) {
      logger.log('error', 'job_failed', { job: name, error: errorName(error) })
    }
  }
}
