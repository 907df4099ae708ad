import { useState } from 'preact/hooks'
import { lazy } from 'preact-iso'
import { compact, count, day, milliseconds, units } from '../../lib/format.ts'
import { useGet } from '../../lib/queries.ts'
import { Empty, Load } from '../../ui/feedback.tsx'
import { Choice } from '../../ui/form.tsx'
import { Page } from '../../ui/shell.tsx'
import { Calls } from './calls.tsx'
import type { Stats } from './stats.ts'
import { usageWords } from './words.ts'

const DayChart = lazy(() => import('./day-chart.tsx').then((module) => module.DayChart))

const PERIODS = ['7', '30', '90'] as const
type Period = (typeof PERIODS)[number]
type Group = 'model' | 'key' | 'day'

/** What was used, by day, model and key, and every call. */
export function Usage() {
  const t = usageWords()
  const [period, setPeriod] = useState<Period>('30')
  const [group, setGroup] = useState<Group>('model')
  const from = firstDay(Number(period))
  const perDay = useGet('/api/usage/stats', { query: { group_by: 'day', from } })
  return (
    <Page
      title={t.title}
      intro={t.intro}
      action={
        <Choice
          label={t.period}
          isBare
          value={period}
          onChange={setPeriod}
          options={PERIODS.map((days) => [days, t.days(Number(days))] as const)}
        />
      }
    >
      <Load from={perDay} lines={5}>
        {(stats) =>
          stats.totals.requests === 0 ? (
            <div class="card">
              <Empty
                title={t.none}
                action={
                  <a class="button primary" href="/console/keys">
                    {t.toKeys}
                  </a>
                }
              >
                {t.noneBody}
              </Empty>
            </div>
          ) : (
            <>
              <Totals stats={stats} />
              <section class="card stack" aria-labelledby="chart">
                <h2 id="chart">{t.chart}</h2>
                <DayChart stats={stats} />
              </section>
              <Groups group={group} onGroup={setGroup} from={from} perDay={stats} />
              <Calls from={from} />
            </>
          )
        }
      </Load>
    </Page>
  )
}

function Totals({ stats: { totals } }: { stats: Stats }) {
  const t = usageWords()
  const figures: [string, string, string?][] = [
    [t.calls, count(totals.requests), t.failed(count(totals.errors))],
    [
      t.tokens,
      compact(totals.total_tokens),
      `${compact(totals.prompt_tokens)} + ${compact(totals.completion_tokens)}`,
    ],
    [t.units, units(totals.quota)],
    [
      t.firstByte,
      milliseconds(totals.time_to_first_byte_ms?.p50),
      percentiles(totals.time_to_first_byte_ms),
    ],
    [t.duration, milliseconds(totals.duration_ms?.p50), percentiles(totals.duration_ms)],
  ]
  return (
    <section class="card">
      <div class="grid narrow">
        {figures.map(([name, value, more]) => (
          <dl key={name} class="figure">
            <dt>{name}</dt>
            <dd>{value}</dd>
            {more && <dd>{more}</dd>}
          </dl>
        ))}
      </div>
    </section>
  )
}

function percentiles(of: Stats['totals']['duration_ms']): string {
  return of ? `p95 ${milliseconds(of.p95)}, p99 ${milliseconds(of.p99)}` : ''
}

interface GroupsProps {
  group: Group
  onGroup: (group: Group) => void
  from: string
  perDay: Stats
}

function Groups({ group, onGroup, from, perDay }: GroupsProps) {
  const t = usageWords()
  const grouped = useGet(
    '/api/usage/stats',
    { query: { group_by: group, from } },
    { enabled: group !== 'day' },
  )
  const seen = group === 'day' ? { ...grouped, data: perDay } : grouped
  return (
    <section class="card flush" aria-label={t.by}>
      <div class="tabs" role="tablist">
        {(['model', 'key', 'day'] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={group === name}
            onClick={() => onGroup(name)}
          >
            {t.perGroup(t[name])}
          </button>
        ))}
      </div>
      <Load from={seen}>{(stats) => <GroupTable stats={stats} group={group} />}</Load>
    </section>
  )
}

function GroupTable({ stats, group }: { stats: Stats; group: Group }) {
  const t = usageWords()
  const rows = group === 'day' ? stats.rows.toReversed() : stats.rows
  return (
    <table class="folds">
      <thead>
        <tr>
          <th scope="col">{t[group]}</th>
          {[t.calls, t.errors, t.tokensIn, t.tokensOut, t.units, t.firstByte].map((name) => (
            <th key={name} scope="col" class="end">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={nameOf(row, group)}>
            <td class="lead break">{nameOf(row, group)}</td>
            <td class="end number" data-label={t.calls}>
              {count(row.requests)}
            </td>
            <td class={`end number ${row.errors > 0 ? 'bad' : 'muted'}`} data-label={t.errors}>
              {count(row.errors)}
            </td>
            <td class="end number" data-label={t.tokensIn}>
              {count(row.prompt_tokens)}
            </td>
            <td class="end number" data-label={t.tokensOut}>
              {count(row.completion_tokens)}
            </td>
            <td class="end number" data-label={t.units}>
              {units(row.quota, 4)}
            </td>
            <td class="end number" data-label={t.firstByte}>
              {milliseconds(row.time_to_first_byte_ms?.p50)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function nameOf(row: Stats['rows'][number], group: Group): string {
  const t = usageWords()
  if (group === 'day') return day(row.day ?? '')
  if (group === 'model') return row.model ?? '–'
  if (row.api_key_id === null) return t.withToken
  return row.api_key_name ?? `#${row.api_key_id}`
}

function firstDay(days: number): string {
  return new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10)
}
