import type { Config } from '../../config.ts'
import type { Ctx } from '../../context.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logger.ts'
import { systemRandom } from '../../platform/random.ts'
import type { Services } from '../../ports/services.ts'
import { JOBS } from './registry.ts'
import { createReportWriter } from './reports.ts'
import { runJob } from './run-job.ts'

/**
 * Runs the jobs of this time. One that fails keeps no other from running.
 *
 * @param cron the expression of the trigger that fired
 * @param waitUntil takes what goes on beside them
 */
export async function runScheduled(
  cron: string,
  config: Config,
  services: Services,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<void> {
  const logger = createLogger(config.LOG_LEVEL, systemClock.now)
  const reports = createReportWriter(services.redis)
  for (const job of JOBS.filter((each) => each.cron === cron)) {
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
      uncount: () => undefined,
      waitUntil,
    }
    const report = await runJob(ctx, job, 'cron', reports)
    if (!report) logger.log('info', 'job_under_way', { job: job.name })
  }
  await reports.finish()
}
