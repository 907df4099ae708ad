/**
 * Quota arithmetic in whole ten-thousandths, as `numeric(…, 4)` columns keep it: floating point
 * would drift after a few hundred requests.
 */

/** The whole quota of one account for one model. */
export const FULL = 10_000

/** Turns a fraction such as 0.25 into ten-thousandths. */
export function toUnits(fraction: number): number {
  return Math.round(fraction * FULL)
}

/** Writes ten-thousandths as the decimal string with four places that the database driver returns. */
export function decimal(units: number): string {
  const absolute = Math.abs(units)
  const whole = Math.floor(absolute / FULL)
  const rest = String(absolute % FULL).padStart(4, '0')
  return `${units < 0 ? '-' : ''}${whole}.${rest}`
}

/** Writes the average of `count` amounts the way `avg(numeric)` does: a string with 20 places. */
export function average(sum: number, count: number): string {
  const scaled = (BigInt(sum) * 10n ** 16n) / BigInt(count)
  const digits = String(scaled).padStart(21, '0')
  return `${digits.slice(0, -20)}.${digits.slice(-20)}`
}

/** An ISO string in UTC. */
export function iso(at: number): string {
  return new Date(at).toISOString()
}

/** The host's local time as an ISO string without a zone: the one place where the contract drops it. */
export function localIso(at: number): string {
  const shifted = at - new Date(at).getTimezoneOffset() * 60_000
  return new Date(shifted).toISOString().slice(0, -1)
}
