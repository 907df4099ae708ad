import { language } from './i18n.ts'

/** Numbers, moments and spans as the current language writes them. */

const made = new Map<string, unknown>()

/** Formatters cost milliseconds to make, and lists need the same one hundreds of times. */
function formatter<Formatter>(name: string, make: (locale: string) => Formatter): Formatter {
  const key = `${language.value} ${name}`
  if (!made.has(key)) made.set(key, make(language.value))
  return made.get(key) as Formatter
}

export function count(value: number): string {
  return formatter('count', (l) => new Intl.NumberFormat(l)).format(value)
}

/** `12.3K`, for figures that stand alone. */
export function compact(value: number): string {
  return formatter(
    'compact',
    (l) => new Intl.NumberFormat(l, { notation: 'compact', maximumFractionDigits: 1 }),
  ).format(value)
}

/** Units of quota: up to four decimals, at least two. */
export function units(value: number, least = 2): string {
  return formatter(
    `units ${least}`,
    (l) => new Intl.NumberFormat(l, { minimumFractionDigits: least, maximumFractionDigits: 4 }),
  ).format(value)
}

/** The same with its sign, for what was added or taken. */
export function change(value: number): string {
  return formatter(
    'change',
    (l) =>
      new Intl.NumberFormat(l, {
        minimumFractionDigits: 2,
        maximumFractionDigits: 4,
        signDisplay: 'exceptZero',
      }),
  ).format(value)
}

export function percent(fraction: number): string {
  return formatter(
    'percent',
    (l) => new Intl.NumberFormat(l, { style: 'percent', maximumFractionDigits: 0 }),
  ).format(fraction)
}

/** A day and a time of day. */
export function moment(iso: string): string {
  return formatter(
    'moment',
    (l) => new Intl.DateTimeFormat(l, { dateStyle: 'medium', timeStyle: 'short' }),
  ).format(new Date(iso))
}

/** To the second, for what is compared with a log. */
export function exactMoment(iso: string): string {
  return formatter(
    'exact',
    (l) => new Intl.DateTimeFormat(l, { dateStyle: 'medium', timeStyle: 'medium' }),
  ).format(new Date(iso))
}

export function timeOfDay(at: Date): string {
  return formatter('time', (l) => new Intl.DateTimeFormat(l, { timeStyle: 'short' })).format(at)
}

/** A calendar day (`2026-11-26`), which is one in UTC. */
export function day(iso: string): string {
  return formatter(
    'day',
    (l) => new Intl.DateTimeFormat(l, { month: 'short', day: 'numeric', timeZone: 'UTC' }),
  ).format(new Date(`${iso}T00:00:00Z`))
}

const STEPS: [
  unit: Intl.RelativeTimeFormatUnit & ('day' | 'hour' | 'minute' | 'second'),
  seconds: number,
][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 minutes ago`, `in 2 hours`. */
export function ago(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000
  const relative = formatter('ago', (l) => new Intl.RelativeTimeFormat(l, { numeric: 'auto' }))
  for (const [unit, length] of STEPS)
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  return relative.format(0, 'second')
}

/** `2 hours, 5 minutes`: at most two units, never less than a minute unless there is less. */
export function span(seconds: number): string {
  const parts = { days: 0, hours: 0, minutes: 0, seconds: 0 }
  let left = Math.max(0, Math.ceil(seconds))
  parts.days = Math.floor(left / 86_400)
  left -= parts.days * 86_400
  parts.hours = Math.floor(left / 3_600)
  left -= parts.hours * 3_600
  parts.minutes = Math.floor(left / 60)
  parts.seconds = left - parts.minutes * 60
  const list: string[] = []
  for (const unit of ['days', 'hours', 'minutes', 'seconds'] as const) {
    if (list.length === 2 || (unit === 'seconds' && list.length > 0)) break
    if (parts[unit] === 0 && !(unit === 'seconds' && list.length === 0)) continue
    list.push(
      formatter(
        unit,
        (l) =>
          new Intl.NumberFormat(l, { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' }),
      ).format(parts[unit]),
    )
  }
  return formatter('list', (l) => new Intl.ListFormat(l, { type: 'unit', style: 'narrow' })).format(
    list,
  )
}

export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (value < 1000) return `${Math.round(value)} ms`
  return `${formatter('seconds', (l) => new Intl.NumberFormat(l, { maximumFractionDigits: 1 })).format(value / 1000)} s`
}
