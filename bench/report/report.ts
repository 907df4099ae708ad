import { loadavg } from 'node:os'
import { admissionReport } from '../admission/report.ts'
import { type Absent, CONTENDERS, type ContenderName, TITLES } from '../contenders/contender.ts'
import { facesReport } from '../faces/report.ts'
import type { Rounds } from '../measure.ts'
import type { Results } from '../run.ts'
import type { StartUpResult } from '../scenarios/start-up.ts'
import { spread } from './statistics.ts'
import { figure, table } from './table.ts'
import { cpuPerRequest, judge, middle, perSecond, type Target } from './targets.ts'

/** Everything that a run has to say, for a terminal or a Markdown page. */
export function report(results: Results, absent: readonly Absent[]): string {
  const missing = new Map(absent.map(({ name, reason }) => [name, reason]))
  const { whole, paced, fixedRate, stores, memory, startUp, admission, faces } = results
  const targets = judge(results)
  return [
    ...(whole.size + paced.size + fixedRate.size > 0 ? [mainTable(results, missing)] : []),
    ...(stores.size > 0 ? [storeTable(results)] : []),
    ...(memory.size > 0 ? [memoryTable(results)] : []),
    ...(startUp ? [startUpTable(startUp)] : []),
    ...(admission.length > 0 ? [admissionReport(admission)] : []),
    ...(faces.length > 0 ? [facesReport(faces)] : []),
    ...(targets.some(({ verdict }) => verdict !== 'not measured') ? [targetTable(targets)] : []),
    ...remarks(results, absent),
  ].join('\n\n')
}

function mainTable({ whole, paced, fixedRate }: Results, missing: Map<ContenderName, string>) {
  const rows = CONTENDERS.map((name) => {
    if (missing.has(name)) return [TITLES[name], ...Array<string>(8).fill('not available')]
    return [
      TITLES[name],
      figure(middle(whole, name, perSecond)),
      figure(middle(whole, name, cpuPerRequest) * 1000),
      figure(middle(whole, name, ({ storesCpuMs, requests }) => (storesCpuMs * 1000) / requests)),
      figure(middle(paced, name, cpuPerRequest)),
      figure(middle(paced, name, ({ firstByte }) => firstByte.p50)),
      figure(middle(fixedRate, name, ({ latency }) => latency.p50)),
      figure(middle(fixedRate, name, ({ latency }) => latency.p99)),
      String(failures(whole, name) + failures(paced, name) + failures(fixedRate, name)),
    ]
  })
  return table(
    [
      'in front of the same upstream',
      'whole: req/s',
      'CPU ms/1,000',
      'stores ms/1,000',
      'stream: CPU ms',
      'first byte p50 ms',
      '200/s: p50 ms',
      'p99 ms',
      'failed',
    ],
    rows,
  )
}

function storeTable({ stores, plan }: Results): string {
  const rows = [...stores].map(([name, values]) => [
    TITLES[name],
    figure(values.fastMs),
    figure(values.slowMs),
    figure(values.slowMs - values.fastMs),
    figure(values.delayMs),
    figure(values.waitedFor, 2),
    figure(values.redisCalls),
    figure(values.databaseCalls),
  ])
  return table(
    [
      `${plan.stores.delayMs} ms added to every store call`,
      '0 ms: p50',
      `${plan.stores.delayMs} ms: p50`,
      'added ms',
      'one call ms',
      'calls waited for',
      'Redis calls/request',
      'database calls/request',
    ],
    rows,
  )
}

function memoryTable({ memory, plan }: Results): string {
  const rows = [...memory].map(([name, { points, streamsPerSecond, errors }]) => [
    TITLES[name],
    ...plan.memory.checkpoints.map((_, index) => figure(points[index]?.mebibytes ?? Number.NaN)),
    figure(streamsPerSecond),
    String(errors),
  ])
  const counts = plan.memory.checkpoints.map((streams) => `after ${streams.toLocaleString('en')}`)
  return table(['burst streams: resident MiB', ...counts, 'streams/s', 'failed'], rows)
}

function startUpTable({ bare, ours, bundle }: StartUpResult): string {
  const kib = (bytes: number) => figure(bytes / 1024)
  return table(
    ['start-up', 'to first answer ms', 'CPU ms', 'bundle KiB', 'gzip KiB'],
    [
      ['empty Worker', figure(bare.wallMs), figure(bare.cpuMs), '–', '–'],
      ['ours', figure(ours.wallMs), figure(ours.cpuMs), kib(bundle.bytes), kib(bundle.gzipBytes)],
    ],
  )
}

function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ title, value, unit, limit, bound, verdict }) => [
    title,
    Number.isNaN(value) ? '–' : `${figure(value, 2)} ${unit}`,
    `${bound} ${limit} ${unit}`,
    verdict,
  ])
  return table(['target', 'measured', 'wanted', 'verdict'], rows)
}

function remarks(
  { whole, paced, plan, isFixedRateApart }: Results,
  absent: readonly Absent[],
): string[] {
  const spreads = [whole, paced].flatMap((rounds) =>
    [...rounds].flatMap(([name, list]) =>
      name === 'direct' ? [] : [spread(list.map(cpuPerRequest))],
    ),
  )
  const [load = 0] = loadavg()
  const worst = Math.max(0, ...spreads.filter(Number.isFinite)) * 100
  const rounds = Math.min(plan.rounds, ...[...whole.values(), ...paced.values()].map(lengthOf))
  return [
    ...(isFixedRateApart === false
      ? ['200/s: the stores had no core of their own, so that p99 is theirs as well.']
      : []),
    ...absent.map(({ name, reason }) => `${TITLES[name]}: not available (${reason}).`),
    `${plan.name} run, median of ${rounds} rounds taken in turns; the rounds' CPU figures differ by up to ${figure(worst, 2)} %; load of the machine ${load.toFixed(1)}.`,
  ]
}

const lengthOf = (list: readonly unknown[]) => list.length

function failures(rounds: Rounds, name: ContenderName): number {
  const errors = (rounds.get(name) ?? []).flatMap((measurement) =>
    Object.values(measurement.errors),
  )
  return errors.reduce((sum, count) => sum + count, 0)
}
