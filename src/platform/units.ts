import * as z from 'zod'

/** How quota is counted: inside in whole 1/10,000 units, outside in units with four decimals. */
export const PER_UNIT = 10_000
/** More than anybody has, and far from where numbers lose their last digit. */
const MAX_UNITS = 100_000

/** @param amount in 1/10,000 unit @returns units, with at most four decimals */
export function toUnits(amount: number): number {
  return amount / PER_UNIT
}

/** @param units as people write them @returns 1/10,000 units, rounded to the nearest */
export function fromUnits(units: number): number {
  return Math.round(units * PER_UNIT)
}

/** An amount as people send it: positive, in units; read as 1/10,000 units. */
export const Units = z
  .number()
  .min(1 / PER_UNIT)
  .max(MAX_UNITS)
  .transform(fromUnits)
