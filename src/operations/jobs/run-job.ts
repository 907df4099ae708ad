import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { errorName } from '../../platform/logger.ts'
import { withoutStoreTime } from '../../platform/store-time.ts'
import { storeFailureOf } from '../../store-failure.ts'
import { exclusively } from './lock.ts'
import type { Job } from './registry.ts'
import type { Report, ReportWriter } from './reports.ts'

/**
 * Runs one job, whoever asked for it; it works as the system. Never throws: a failure is in the
 * report and in the log.
 *
 * @returns null when the job is exclusive and under way
 */
export async function runJob(
  outer: Ctx,
  job: Job,
  trigger: Report['trigger'],
  reports: ReportWriter,
): Promise<Report | null> {
  const ctx: Ctx = { ...outer, actor: { type: 'system', job: job.name } }
  try {
    if (!job.isExclusive) return await runReported(ctx, job, trigger, reports)
    return await exclusively(ctx, job.name, () => runReported(ctx, job, trigger, reports))
  } catch (error) {
    // Redis did not give the lock.
    const now = ctx.clock.now()
    return conclude(ctx, job, reports, { startedAt: now, trigger, ...failure(error) })
  }
}

async function runReported(
  ctx: Ctx,
  job: Job,
  trigger: Report['trigger'],
  reports: ReportWriter,
): Promise<Report> {
  const startedAt = ctx.clock.now()
  await reports.started(job.name, startedAt)
  const outcome = await withoutStoreTime(() => job.run(ctx)).then(
    (changed) => ({ changed, error: null }),
    failure,
  )
  return conclude(ctx, job, reports, { startedAt, trigger, ...outcome })
}

function conclude(
  { clock, logger }: Ctx,
  { name }: Job,
  reports: ReportWriter,
  { cause, ...result }: Omit<Report, 'endedAt'> & { cause?: unknown },
): Report {
  const report: Report = { ...result, endedAt: clock.now() }
  const { changed, error } = report
  reports.ended(name, report)
  if (error === null) {
    const duration_ms = report.endedAt - report.startedAt
    logger.log('info', 'job', { job: name, changed, duration_ms, trigger: report.trigger })
  } else {
    const failed = { ...storeFailureOf(cause), trigger: report.trigger }
    logger.log('error', 'job_failed', { job: name, error, ...failed })
  }
  return report
}

function failure(error: unknown) {
  return {
    changed: null,
    error: error instanceof AppError ? error.code : errorName(error),
    cause: error instanceof AppError ? error.cause : error,
  }
}
