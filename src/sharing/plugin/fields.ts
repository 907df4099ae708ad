import * as z from 'zod'

/**
 * What the plug-in's values become. It sends numbers as strings where PostgreSQL has `numeric` or
 * `bigint`, sums over nothing as null, and some times without their zone. Each of these takes its
 * own output as well, so that an answer passes through twice unchanged.
 */

/** A number, or null for what is none. */
export const Amount = z.preprocess(toNumber, z.number().nullable())

/** A whole number, or null for what is none. */
export const Count = z.preprocess(toNumber, z.int().nullable())

/** One of the plug-in's 0/1 columns; what is missing counts as 0. */
export const Flag = z.preprocess((value) => toNumber(value) ?? 0, z.int())

export const MaybeText = z.preprocess(
  (value) => (typeof value === 'string' ? value : null),
  z.string().nullable(),
)

export const MaybeBoolean = z.preprocess(
  (value) => (typeof value === 'boolean' ? value : null),
  z.boolean().nullable(),
)

/** A time in UTC, or null for what is none. */
export const Moment = z.preprocess(toMoment, z.iso.datetime().nullable())

function toNumber(value: unknown): number | null {
  if (typeof value === 'boolean') return Number(value)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

const ZONE = /Z$|[+-]\d\d(:?\d\d)?$/

/** The plug-in runs in UTC. */
function toMoment(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim().replace(' ', 'T')
  const at = new Date(ZONE.test(text) ? text : `${text}Z`)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
