/** Lowest and highest value of each field: minute, hour, day of the month, month, day of the week. */
const RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** The longest gap between two 29ths of February, and some more. */
const MAX_DAYS = 366 * 9

/**
 * When a cron expression next comes true, in UTC. It knows numbers, `*`, ranges, lists and steps, as
 * Cloudflare does, but no names.
 *
 * @param after milliseconds since the epoch
 * @returns the same; null for an expression that never comes true
 */
export function nextRun(expression: string, after: number): number | null {
  const fields = expression.split(' ')
  const [minutes, hours, days, months, weekdays] = RANGES.map(([low, high], index) =>
    valuesOf(fields[index] ?? '*', low, high),
  ) as [Set<number>, Set<number>, Set<number>, Set<number>, Set<number>]
  if (weekdays.has(7)) weekdays.add(0)
  // As cron has it: of two restricted kinds of days, either will do.
  const isEither = !fields[2]?.startsWith('*') && !fields[4]?.startsWith('*')
  const isDay = (date: Date) => {
    const [inMonth, inWeek] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
    return months.has(date.getUTCMonth() + 1) && (isEither ? inMonth || inWeek : inMonth && inWeek)
  }

  const first = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS
  const firstDay = Math.floor(first / DAY_MS) * DAY_MS
  for (let day = firstDay; day < firstDay + MAX_DAYS * DAY_MS; day += DAY_MS) {
    if (!isDay(new Date(day))) continue
    for (let time = Math.max(first, day); time < day + DAY_MS; time += MINUTE_MS) {
      const date = new Date(time)
      if (hours.has(date.getUTCHours()) && minutes.has(date.getUTCMinutes())) return time
    }
  }
  return null
}

function valuesOf(field: string, low: number, high: number): Set<number> {
  const values = new Set<number>()
  for (const part of field.split(',')) {
    const [range = '*', step = '1'] = part.split('/')
    const [from = low, to] = range === '*' ? [low, high] : range.split('-').map(Number)
    const last = to ?? (part.includes('/') ? high : from)
    for (let value = from; value <= last; value += Number(step)) values.add(value)
  }
  return values
}
