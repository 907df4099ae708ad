import { call } from '../../lib/api.ts'
import { ago, milliseconds } from '../../lib/format.ts'
import { outdated, useGet } from '../../lib/queries.ts'
import { Load, Problem, say } from '../../ui/feedback.tsx'
import { useWork } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { adminWords } from './words.ts'

/** What is done from time to time, and when it was done last. */
export function Jobs() {
  const t = adminWords()
  const jobs = useGet('/api/admin/jobs')
  const run = useWork(async (name: string) => {
    await call('post', '/api/admin/jobs/{name}/run', { path: { name } })
    await outdated('/api/admin/jobs')
    say(t.ran(name))
  })
  return (
    <Page title={t.jobs} intro={t.jobsIntro}>
      {run.failure && <Problem failure={run.failure} />}
      <div class="card flush">
        <Load from={jobs} lines={6}>
          {(list) => (
            <table class="folds">
              <thead>
                <tr>
                  {[t.job, t.next, t.last, t.outcome, ''].map((name) => (
                    <th key={name} scope="col">
                      {name || <span class="hidden-visually">{t.runNow}</span>}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {list.map((job) => (
                  <tr key={job.name}>
                    <td class="lead">
                      <strong>{job.name}</strong> <code class="muted">{job.cron}</code>
                    </td>
                    <td data-label={t.next} class="nowrap">
                      {job.next_run_at ? ago(job.next_run_at) : '–'}
                    </td>
                    <td data-label={t.last} class="nowrap">
                      {job.last_started_at
                        ? `${ago(job.last_started_at)} · ${milliseconds(job.last_duration_ms)}`
                        : t.never}
                    </td>
                    <td data-label={t.outcome}>
                      {job.last_error ? (
                        <span class="badge bad">{job.last_error}</span>
                      ) : (
                        job.last_started_at && <span class="badge good">{t.ok}</span>
                      )}
                    </td>
                    <td class="end">
                      <button
                        type="button"
                        class="button small"
                        aria-busy={run.isBusy}
                        onClick={() => run.start(job.name)}
                      >
                        {t.runNow}
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Load>
      </div>
    </Page>
  )
}
