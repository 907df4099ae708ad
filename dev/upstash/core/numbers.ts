/** Number parsing and formatting with the strictness of Redis (`string2ll`, `string2d`, `%.17g`). */

import { notFloat, notInteger, notPositive, RedisError } from './reply.ts'

export const MAX_INT64 = 2n ** 63n - 1n
export const MIN_INT64 = -(2n ** 63n)

/** Parses a 64-bit integer: no sign but `-`, no leading zeros, no spaces; `undefined` if it is none. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined
  const value = BigInt(text)
  return value > MAX_INT64 || value < MIN_INT64 ? undefined : value
}

/** The integer argument `text`; throws Redis's error if it is none. */
export function integer(text: string): bigint {
  const value = parseInteger(text)
  if (value === undefined) throw notInteger()
  return value
}

/** Like {@link integer} for indexes and counts, where rounding beyond 2^53 changes nothing. */
export function index(text: string): number {
  return Number(integer(text))
}

/** A count that must not be negative. */
export function positive(text: string): number {
  const value = parseInteger(text)
  if (value === undefined || value < 0n) throw notPositive()
  return Number(value)
}

/** A count that may be negative but has a counterpart of the other sign. */
export function symmetric(text: string): number {
  const value = integer(text)
  if (value === MIN_INT64)
    throw new RedisError(
      `ERR value is out of range, value must between ${-MAX_INT64} and ${MAX_INT64}`,
    )
  return Number(value)
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const HEX = /^([+-]?)0x([\da-f]+)$/i
const INFINITE = /^([+-]?)inf(inity)?$/i

/** What C's `strtod` makes of the whole text; `undefined` if it is no number, NaN or out of range. */
export function parseDouble(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text)
    const underflow = value === 0 && /[1-9]/.test(text.replace(/e.*/i, ''))
    return Number.isFinite(value) && !underflow ? value : undefined
  }
  const infinite = INFINITE.exec(text)
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity
  const hex = HEX.exec(text)
  return hex ? Number(`0x${hex[2]}`) * (hex[1] === '-' ? -1 : 1) : undefined
}

/** A bound of a score range: there Redis checks less, and takes what overflows for infinite. */
export function parseBoundDouble(text: string): number | undefined {
  if (text === '') return 0
  const trimmed = text.trimStart()
  return DECIMAL.test(trimmed) ? Number(trimmed) : parseDouble(trimmed)
}

/** The float argument `text`; throws Redis's error if it is none. */
export function double(text: string): number {
  const value = parseDouble(text)
  if (value === undefined) throw notFloat()
  return value
}

/** C's `%.<digits>g`. */
export function formatGeneral(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string]
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= digits) {
    const sign = exponent < 0 ? '-' : '+'
    return `${trimZeros(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  return trimZeros(value.toFixed(digits - 1 - exponent))
}

/** How Redis 7.0 prints scores. */
export function formatDouble(value: number): string {
  return formatGeneral(value, 17)
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
