import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'preact/hooks'
import { count, day } from '../../lib/format.ts'
import { language } from '../../lib/i18n.ts'
import { isDark } from '../../lib/theme.ts'
import { daysBetween } from '../home/today.tsx'
import type { Stats } from './stats.ts'
import { usageWords } from './words.ts'

const HEIGHT = 220
/** Seconds. */
const DAY = 86_400

/** Calls and failures by day. The same figures stand in the table below it. */
export function DayChart({ stats }: { stats: Stats }) {
  const t = usageWords()
  const element = useRef<HTMLDivElement>(null)
  const dark = isDark()
  const words = language.value
  useEffect(() => {
    const place = element.current
    if (!place) return
    const style = getComputedStyle(place)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const [line, muted] = dark ? ['#2e3431', '#a3ada7'] : ['#e1e3de', '#59625c']
    const [good, bad] = dark ? ['#5fd0c0', '#ff9b92'] : ['#0f6b63', '#b3261e']
    const axis = {
      stroke: muted,
      font: `12px ${colour('--sans') || 'sans-serif'}`,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    }
    const chart = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        legend: { show: true, live: true },
        cursor: { y: false },
        scales: {
          // Half a day more on each side, where the halves of the first and the last bar stand.
          x: { range: (_, first, last) => [first - DAY / 2, last + DAY / 2] },
          y: { range: (_, __, most) => [0, Math.max(4, most * 1.08)] },
        },
        axes: [
          { ...axis, space: 70, values: (_, at) => at.map((second) => day(dayOf(second))) },
          {
            ...axis,
            size: 52,
            values: (_, at) => at.map((n) => (Number.isInteger(n) ? count(n) : '')),
          },
        ],
        series: [
          { label: t.day, value: (_, second) => (second === null ? '–' : day(dayOf(second))) },
          { ...bars(0.6), label: t.calls, stroke: good, fill: `${good}b3` },
          { ...bars(0.6), label: t.errors, stroke: bad, fill: bad },
        ],
      },
      dataOf(stats),
      place,
    )
    const resize = new ResizeObserver(() =>
      chart.setSize({ width: place.clientWidth, height: HEIGHT }),
    )
    resize.observe(place)
    return () => {
      resize.disconnect()
      chart.destroy()
    }
  }, [stats, dark, words, t])
  return <div ref={element} class="chart" role="img" aria-label={t.chart} />
}

function bars(width: number): Partial<uPlot.Series> {
  const paths = uPlot.paths.bars?.({ size: [width, 28], radius: 0.2 })
  return {
    ...(paths && { paths }),
    width: 0,
    points: { show: false },
    value: (_: uPlot, n: number | null) => (n === null ? '–' : count(n)),
  }
}

/** A row for every day, those without a call included. */
function dataOf({ rows, from, to }: Stats): uPlot.AlignedData {
  const byDay = new Map(rows.map((row) => [row.day, row]))
  const days = daysBetween(from, to)
  return [
    days.map((name) => Date.parse(name) / 1000),
    days.map((name) => byDay.get(name)?.requests ?? 0),
    days.map((name) => byDay.get(name)?.errors ?? 0),
  ]
}

function dayOf(second: number): string {
  return new Date(second * 1000).toISOString().slice(0, 10)
}
