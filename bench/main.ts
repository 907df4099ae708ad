import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { measureConsole, type PageResult } from './console/measure.ts'
import { consoleReport } from './console/report.ts'
import { type Ground, prepareGround } from './ground.ts'
import { chosenFrom, FULL, ON_REQUEST, type Plan, QUICK, type Scenario } from './plan.ts'
import { useTemporaryFolder } from './processes/temporary-folder.ts'
import { measureRecovery, type RecoveryResult } from './recovery/measure.ts'
import { recoveryReport } from './recovery/report.ts'
import { report } from './report/report.ts'
import { judge } from './report/targets.ts'
import { type Results, runScenarios } from './run.ts'
import { measureUsageStats, type UsageStatsResult } from './usage-stats/measure.ts'
import { usageStatsReport } from './usage-stats/report.ts'

/** `npm run bench`: what the gateway costs beside others, in one run on this machine. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const size = values.quick ? QUICK : FULL
  const plan = values.only ? chosenFrom(size, values.only) : size
  const startedAt = performance.now()
  useTemporaryFolder()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Nothing of a run is worth keeping: the end of this process takes all others with it.
    process.on(signal, () => process.exit(130))
  }
  await using resources = new AsyncDisposableStack()

  const progress = (message: string) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
    console.error(`${seconds.padStart(4)} s  ${message}`)
  }
  const asked = await measureOnRequest(resources, plan, progress)
  if (plan.scenarios.every((name) => ON_REQUEST.some((known) => known === name))) {
    if (values.json) await writeFile(values.json, `${JSON.stringify(asked, null, 2)}\n`)
    return
  }
  const ground = await prepareGround(resources, progress)
  const hasTime = () => performance.now() - startedAt < plan.budgetMs
  const results = await runScenarios(ground, plan, hasTime, progress)
  console.log(`\n${report(results, ground.absent)}`)
  if (values.json) await writeFile(values.json, `${toJson({ ...results, ...asked }, ground)}\n`)
}

interface OnRequest {
  usageStats: UsageStatsResult | null
  recovery: RecoveryResult | null
  console: PageResult[] | null
}

async function measureOnRequest(
  resources: AsyncDisposableStack,
  plan: Plan,
  progress: (message: string) => void,
): Promise<OnRequest> {
  const isAsked = (name: Scenario) => plan.scenarios.includes(name)
  const usageStats = isAsked('usage-stats')
    ? await measureUsageStats(resources, plan.usageStats, progress)
    : null
  if (usageStats) console.log(`\n${usageStatsReport(usageStats)}`)
  const recovery = isAsked('recovery')
    ? await measureRecovery(resources, plan.recovery, progress)
    : null
  if (recovery) console.log(`\n${recoveryReport(recovery)}`)
  const pages = isAsked('console') ? await measureConsole(resources, plan.console, progress) : null
  if (pages) console.log(`\n${consoleReport(pages)}`)
  return { usageStats, recovery, console: pages }
}

function toJson(results: Results & OnRequest, { absent }: Ground): string {
  return JSON.stringify(
    { ...results, absent, targets: judge(results) },
    (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value),
    2,
  )
}

try {
  await main()
  process.exit(0)
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
