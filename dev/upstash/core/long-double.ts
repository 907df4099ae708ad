/**
 * The 80-bit arithmetic behind INCRBYFLOAT: Redis adds C `long double`s (64-bit mantissa) and prints
 * 17 decimals, so that 10.5 + 0.1 is 10.6. Doubles would answer 10.59999999999999964.
 */

import { parseDouble } from './numbers.ts'

/** `mantissa * 2^exponent`. */
interface LongDouble {
  mantissa: bigint
  exponent: number
}

const MANTISSA_BITS = 64

/**
 * Adds two decimal texts as `long double`s.
 *
 * @returns the sum as Redis prints it; `'invalid'` if a text is no float, `'infinite'` if the sum is
 *   not finite
 */
export function addLongDoubles(left: string, right: string): string | 'invalid' | 'infinite' {
  const a = parse(left)
  const b = parse(right)
  if (!a || !b) return 'invalid'
  if (a === 'infinite' || b === 'infinite') return 'infinite'
  const exponent = Math.min(a.exponent, b.exponent)
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  return format(round(sum, 1n, exponent))
}

/** Whether the text is a float at all (infinities included). */
export function isLongDouble(text: string): boolean {
  return parse(text) !== undefined
}

export function isInfinite(text: string): boolean {
  return parse(text) === 'infinite'
}

function parse(text: string): LongDouble | 'infinite' | undefined {
  const decimal = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text)
  if (!decimal || !/\d/.test(`${decimal[2]}${decimal[3]}`)) {
    const value = parseDouble(text)
    if (value === undefined) return undefined
    return Number.isFinite(value) ? { mantissa: BigInt(value), exponent: 0 } : 'infinite'
  }
  const [, sign, whole = '', fraction = '', power = '0'] = decimal
  const ten = Number(power) - fraction.length
  // Far beyond what a long double holds; also keeps the BigInts small.
  if (Math.abs(ten) > 5_000) return undefined
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  return ten >= 0
    ? round(digits * 10n ** BigInt(ten), 1n, 0)
    : round(digits, 10n ** BigInt(-ten), 0)
}

/** `numerator / denominator * 2^exponent`, rounded half to even to 64 bits. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 }
  const negative = numerator < 0n
  const absolute = negative ? -numerator : numerator
  let shift = MANTISSA_BITS - (bits(absolute) - bits(denominator))
  if (scaled(absolute, denominator, shift).quotient >> BigInt(MANTISSA_BITS)) shift -= 1
  const { quotient, remainder, divisor } = scaled(absolute, denominator, shift)
  const twice = remainder * 2n
  const up = twice > divisor || (twice === divisor && (quotient & 1n) === 1n)
  const mantissa = quotient + (up ? 1n : 0n)
  return { mantissa: negative ? -mantissa : mantissa, exponent: exponent - shift }
}

function scaled(numerator: bigint, denominator: bigint, shift: number) {
  const dividend = shift > 0 ? numerator << BigInt(shift) : numerator
  const divisor = shift < 0 ? denominator << BigInt(-shift) : denominator
  return { quotient: dividend / divisor, remainder: dividend % divisor, divisor }
}

function bits(value: bigint): number {
  return value.toString(2).length
}

/** `%.17Lf` without trailing zeros. */
function format({ mantissa, exponent }: LongDouble): string {
  const negative = mantissa < 0n
  const scale = (negative ? -mantissa : mantissa) * 10n ** 17n
  let value: bigint
  if (exponent >= 0) value = scale << BigInt(exponent)
  else {
    const divisor = 1n << BigInt(-exponent)
    const twice = (scale % divisor) * 2n
    value = scale / divisor
    if (twice > divisor || (twice === divisor && (value & 1n) === 1n)) value += 1n
  }
  const digits = value.toString().padStart(18, '0')
  const text = `${digits.slice(0, -17)}.${digits.slice(-17)}`.replace(/\.?0+$/, '')
  return negative && text !== '0' ? `-${text}` : text
}
