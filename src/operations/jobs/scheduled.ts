import type { Bindings } from '../../app-env.ts'
import { configOf } from '../../config.ts'
import type { Ctx } from '../../context.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logger.ts'
import { systemRandom } from '../../platform/random.ts'
import { servicesOf } from '../../services.ts'
import { JOBS } from './registry.ts'
import { createReportWriter } from './reports.ts'
import { runJob } from './run-job.ts'

/** The Worker's `scheduled` handler: runs the jobs of this time. One that fails keeps no other from running. */
export async function runScheduled(
  controller: { cron: string },
  bindings: Bindings,
  execution: { waitUntil(work: Promise<unknown>): void },
): Promise<void> {
  const config = configOf(bindings)
  const services = servicesOf(config)
  const logger = createLogger(config.LOG_LEVEL, systemClock.now)
  const reports = createReportWriter(services.redis)
  for (const job of JOBS.filter(({ cron }) => cron === controller.cron)) {
    const ctx: Ctx = {
      config,
      clock: systemClock,
      random: systemRandom,
      actor: { type: 'system', job: job.name },
      requestId: systemRandom.uuid(),
      clientIp: null,
      userAgent: null,
      services,
      logger,
      cleared: async () => undefined,
      waitUntil: (work) => execution.waitUntil(work),
    }
    const report = await runJob(ctx, job, 'cron', reports)
    if (!report) logger.log('info', 'job_under_way', { job: job.name })
  }
  await reports.finish()
}
