import * as z from 'zod'

const changed = z.int().nullable().describe('How many things it changed; null when it failed.')
const error = z.string().nullable().describe('What kind of failure it was; more is in the log.')

export const JobView = z
  .object({
    name: z.string(),
    cron: z.string().describe('In UTC.'),
    next_run_at: z.iso.datetime().nullable(),
    last_started_at: z.iso.datetime().nullable().describe('After the last end: it is under way.'),
    last_ended_at: z.iso.datetime().nullable(),
    last_duration_ms: z.int().nullable(),
    last_changed: changed,
    last_error: error,
    last_trigger: z.enum(['cron', 'hand']).nullable(),
  })
  .meta({ id: 'Job' })

export const JobRun = z
  .object({
    name: z.string(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime(),
    duration_ms: z.int(),
    changed,
    error,
  })
  .meta({ id: 'JobRun' })
