import type * as z from 'zod'
import type { Ctx } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { auditRow } from '../../notices/audit/index.ts'
import { requirePermission } from '../../permissions.ts'
import { nextRun } from './next-run.ts'
import { JOBS } from './registry.ts'
import { createReportWriter, readReports } from './reports.ts'
import { runJob } from './run-job.ts'
import type { JobRun, JobView } from './schemas.ts'

/** All jobs, and how their last run went. @throws {AppError} `forbidden` */
export async function listJobs(ctx: Ctx): Promise<z.input<typeof JobView>[]> {
  requirePermission(ctx, 'jobs:manage')
  const names = JOBS.map(({ name }) => name)
  const reports = await readReports(ctx.services.redis, names)
  return JOBS.map(({ name, cron }, index) => {
    const { last = null, startedAt = null } = reports[index] ?? {}
    return {
      name,
      cron,
      next_run_at: toIso(nextRun(cron, ctx.clock.now())),
      last_started_at: toIso(startedAt ?? last?.startedAt ?? null),
      last_ended_at: toIso(last?.endedAt ?? null),
      last_duration_ms: last && last.endedAt - last.startedAt,
      last_changed: last?.changed ?? null,
      last_error: last?.error ?? null,
      last_trigger: last?.trigger ?? null,
    }
  })
}

/**
 * Runs one job and waits for its end, as cron would. Who asked for it is written down before.
 *
 * @throws {AppError} `forbidden`; `not_found`; `conflict` when it is exclusive and under way
 */
export async function runByHand(ctx: Ctx, name: string): Promise<z.input<typeof JobRun>> {
  requirePermission(ctx, 'jobs:manage')
  const job = JOBS.find((candidate) => candidate.name === name)
  if (!job) throw new AppError('not_found', 'There is no job of this name.')
  const userId = 'userId' in ctx.actor ? ctx.actor.userId : null
  await auditRow(ctx, { event: 'job.run', userId, details: { job: name } })

  const reports = createReportWriter(ctx.services.redis)
  const report = await runJob(ctx, job, 'hand', reports)
  await reports.finish()
  if (!report) throw new AppError('conflict', 'The job is under way already.')
  return {
    name,
    started_at: new Date(report.startedAt).toISOString(),
    ended_at: new Date(report.endedAt).toISOString(),
    duration_ms: report.endedAt - report.startedAt,
    changed: report.changed,
    error: report.error,
  }
}

function toIso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
