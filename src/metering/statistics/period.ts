import * as z from 'zod'
import { AppError } from '../../errors.ts'

/** Days are calendar days in UTC, as `YYYY-MM-DD`; so written, they compare as they follow each other. */
export type Day = string

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
/** A year and the leap day. */
const MAX_DAYS = 366

/** Far from where a date means something else to the database than to us. */
const isSensible = (text: string) => text >= '2000' && text < '3000'
const NOT_SENSIBLE = 'must be between 2000 and 2999'

export const DayInput = z.iso.date().refine(isSensible, NOT_SENSIBLE)
export const MomentInput = z.iso.datetime({ offset: true }).refine(isSensible, NOT_SENSIBLE)

/** @param ms since the epoch */
export function dayOf(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10)
}

/** @param days may be negative */
export function addDays(day: Day, days: number): Day {
  return dayOf(Date.parse(day) + days * DAY_MS)
}

/**
 * The days that are asked about, both included; the last 30 where nothing is said.
 *
 * @throws {AppError} `validation_failed` for a period that ends before it begins, or is too long
 */
export function readPeriod(query: { from?: Day | undefined; to?: Day | undefined }, now: number) {
  const to = query.to ?? (query.from ? later(query.from, dayOf(now)) : dayOf(now))
  const from = query.from ?? addDays(to, 1 - DEFAULT_DAYS)
  if (from > to) throw wrong('must not be after "to"')
  if (from < addDays(to, 1 - MAX_DAYS)) throw wrong(`must be within ${MAX_DAYS} days of "to"`)
  return { from, to }
}

const later = (one: Day, other: Day) => (one > other ? one : other)

function wrong(message: string): AppError {
  return new AppError('validation_failed', 'Some fields are not valid. See "errors".', {
    errors: [{ path: 'from', message }],
  })
}
